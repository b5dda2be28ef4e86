import t from "tap";
import { startFrameApp } from "../fixtures/frame-app.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 8080;
const mine = ["-H", "x-tenant: blue"];
const filter = ["--header", "^x-tenant: blue$"];

void t.test("streams of HTTP/2 with prior knowledge", async (t) => {
  await using scene = await Scene.create({ label: "h2" });
  const { made } = scene;
  await using app = await startHttp2Server({ name: "app", namespace: made.pod, port });
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
  await using steal = await scene.steal("--port", `${port}:${local.port}`, ...filter);
  t.ok(app.pid > 0 && steal);
  const url = (path: string) => `http://${made.pod.address4}:${port}${path}`;

  // One request a call: curl 7.88 fails by itself when it uses a connection of prior knowledge again.
  await t.test("curl: each goes where its fields say", async (t) => {
    const curl = (...more: string[]) =>
      made.client.run("curl", "-sv", "--max-time", "10", "--http2-prior-knowledge", ...more);
    const original = await curl(url("/bytes/3"));
    t.same([original.code, original.stdout], [0, "app"], original.stderr);
    const stolen = await curl(...mine, "-d", "hello", url("/bytes/5"));
    t.same([stolen.code, stolen.stdout], [0, "local"], stolen.stderr);
    const large = await curl(...mine, url("/bytes/1000000"));
    t.same([large.code, large.stdout.length], [0, 1_000_000]);
  });

  for (const fields of [[], mine])
    for (const bits of ["16", "30"])
      await t.test(
        `h2load, windows of ${bits} bits ${fields.join(" ")}: every answer is whole`,
        async (t) => {
          const load = ["-n", "2000", "-c", "4", "-m", "16", "-w", bits, "-W", bits];
          const { stdout, stderr } = await made.client.run("h2load", ...load, ...fields, url("/bytes/10000"));
          t.match(stdout, /2000 succeeded, 0 failed, 0 errored/, stderr);
          t.match(stdout, /\(20000000\) data/);
        },
      );
});

void t.test(
  "curl --http2: the app takes the upgrade; a stolen request is answered in HTTP/1.1",
  async (t) => {
    await using scene = await Scene.create({ label: "h2c" });
    const { made } = scene;
    await using app = await startFrameApp({ name: "app", namespace: made.pod, port });
    await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
    await using steal = await scene.steal("--port", `${port}:${local.port}`, ...filter, "--trace");
    t.ok(app.pid > 0);
    const curl = (...more: string[]) =>
      made.client.run("curl", "-s", "--max-time", "10", "--http2", "-w", " HTTP/%{http_version}", ...more);
    const url = (path: string) => `http://${made.pod.address4}:${port}${path}`;
    t.equal((await curl(url("/one"))).stdout, "app /one HTTP/2");
    t.equal((await curl(...mine, url("/bytes/5"))).stdout, "local HTTP/1.1");
    // The second one goes over the connection that the first one's upgrade made.
    const two = await curl(url("/two"), "--next", "-s", ...mine, url("/bytes/5"));
    t.match(two.stdout, /^app \/two HTTP\/2local/, two.stderr);
    const decided = await steal.decided(() => true, { count: 4 });
    t.same(
      decided.map(({ verdict, status }) => [verdict, status]),
      [
        ["original", 200],
        ["stolen", 200],
        ["original", 200],
        ["stolen", 200],
      ],
    );
  },
);

for (const [name, startsApp] of [
  ["an app of HTTP/2", true],
  ["an app that speaks HTTP/1.1 only", false],
] as const)
  void t.test(`everything is stolen from ${name}, stream by stream`, async (t) => {
    await using scene = await Scene.create({ label: "h2all" });
    const { made } = scene;
    await using app = startsApp
      ? await startHttp2Server({ name: "app", namespace: made.pod, port })
      : undefined;
    await using plain = startsApp
      ? undefined
      : await HttpApp.start({ name: "app", namespace: made.pod, port });
    await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
    await using steal = await scene.steal("--port", `${port}:${local.port}`, "--trace");
    t.ok(app !== undefined || plain !== undefined);
    const load = ["-n", "200", "-c", "2", "-m", "8", `http://${made.pod.address4}:${port}/bytes/1000`];
    const { stdout, stderr } = await made.client.run("h2load", ...load);
    t.match(stdout, /200 succeeded, 0 failed, 0 errored/, stderr);
    const decided = await steal.decided(({ verdict }) => verdict === "stolen", { count: 200 });
    t.equal(new Set(decided.map(({ status }) => status)).size, 1);
  });
