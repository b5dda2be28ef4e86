import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 8080;

void t.test("streams of HTTP/2 with prior knowledge", async (t) => {
  await using scene = await Scene.create({ label: "h2" });
  const { made } = scene;
  await using app = await startHttp2Server({ name: "app", namespace: made.pod, port });
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
  await using steal = await scene.steal(
    "--port",
    `${port}:${local.port}`,
    "--header",
    "^x-tenant: blue$",
    "--http2",
  );
  t.ok(app.pid > 0 && steal);
  const url = (path: string) => `http://${made.pod.address4}:${port}${path}`;

  // One request a call: curl 7.88 fails by itself when it uses a connection of prior knowledge again.
  await t.test("curl: each goes where its fields say", async (t) => {
    const curl = (...more: string[]) =>
      made.client.run("curl", "-sv", "--max-time", "10", "--http2-prior-knowledge", ...more);
    const mine = ["-H", "x-tenant: blue"];
    const original = await curl(url("/bytes/3"));
    t.same([original.code, original.stdout], [0, "app"], original.stderr);
    const stolen = await curl(...mine, "-d", "hello", url("/bytes/5"));
    t.same([stolen.code, stolen.stdout], [0, "local"], stolen.stderr);
    const large = await curl(...mine, url("/bytes/1000000"));
    t.same([large.code, large.stdout.length], [0, 1_000_000]);
  });

  for (const mine of [[], ["-H", "x-tenant: blue"]])
    for (const bits of ["16", "30"])
      await t.test(`h2load, windows of ${bits} bits ${mine.join(" ")}: every answer is whole`, async (t) => {
        const load = ["-n", "2000", "-c", "4", "-m", "16", "-w", bits, "-W", bits];
        const { stdout, stderr } = await made.client.run("h2load", ...load, ...mine, url("/bytes/10000"));
        t.match(stdout, /2000 succeeded, 0 failed, 0 errored/, stderr);
        t.match(stdout, /\(20000000\) data/);
      });
});
