import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { until } from "../fixtures/until.ts";

/** A pod with an app of HTTP/1.1 on port 80 and one of HTTP/2 on 81, and the same on the developer's machine. */
async function createStage(label: string) {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const { client, pod } = stack.use(await createNamespaces({ label }));
  const [app, local] = await Promise.all([
    HttpApp.start({ name: "app", namespace: pod, port: 80 }),
    HttpApp.start({ name: "local", host: "127.0.0.1" }),
  ]);
  stack.use(app);
  stack.use(local);
  const [, local2] = await Promise.all([
    startHttp2Server({ name: "app", namespace: pod, port: 81 }),
    startHttp2Server({ name: "local", port: 0 }),
  ]);
  stack.defer(async () => void (await local2.kill()));
  const port2 = (await local2.line(/^listening (\d+)$/))[1];
  const steal = (...args: string[]) =>
    MagpieSteal.start({
      pod,
      runtimeDirectory,
      args: ["--port", `80:${local.port}`, "--port", `81:${port2}`, "--trace", ...args],
    });
  const owned = stack.move();
  return { client, pod, app, steal, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Who answers. */
async function ask(client: Namespace, url: string, ...options: string[]): Promise<string> {
  const { stdout } = await client.run(
    "curl",
    "-sS",
    "-o",
    "/dev/null",
    "-w",
    "%header{x-served-by}",
    ...options,
    url,
  );
  return stdout;
}

/** Whether a connection can be made, as the kubelet's tcp probe asks: it is closed at once. */
async function tcpProbe(client: Namespace, host: string, port: number): Promise<"success" | "failure"> {
  const script = `require("net").connect(${port}, "${host}").on("connect", function () { this.end(); process.exit(); }).on("error", () => process.exit(1))`;
  const { code } = await client.run(process.execPath, "-e", script);
  return code === 0 ? "success" : "failure";
}

t.jobs = 3;

void t.test("health probes reach the app though everything is stolen, and are told as such", async (t) => {
  await using stage = await createStage("probed");
  const { client, pod } = stage;
  await using steal = await stage.steal();
  const at = (port: number) => `http://${pod.address4}:${port}`;
  const http2 = ["--http2-prior-knowledge"];
  const health = [
    ...http2,
    "-X",
    "POST",
    "-H",
    "content-type: application/grpc",
    "-A",
    "kube-probe/1.36 grpc-go/1.72.2",
  ];
  t.equal(await ask(client, `${at(80)}/`), "local");
  t.equal(await ask(client, `${at(80)}/healthz`, "-A", "kube-probe/1.36"), "app");
  t.equal(await ask(client, `${at(80)}/stop`, "-A", "kube-lifecycle/1.36"), "app");
  t.equal(await ask(client, `${at(81)}/`, ...http2), "local");
  t.equal(await ask(client, `${at(81)}/grpc.health.v1.Health/Check`, ...health), "app");
  t.equal(await ask(client, `${at(81)}/healthz`, ...http2, "-A", "kube-probe/1.36"), "app");
  t.equal(await tcpProbe(client, pod.address4, 80), "success");
  const probes = await steal.decided(({ isProbe }) => isProbe, { count: 5 });
  t.same(new Set(probes.map(({ verdict }) => verdict)), new Set(["original"]));
  t.same(
    new Set(probes.map(({ reason }) => reason)),
    new Set([
      "a health probe (kube-probe/1.36) goes to the app",
      "a health probe (kube-lifecycle/1.36) goes to the app",
      "a connection without a byte, as of a tcp health probe, goes to the app",
    ]),
  );
  t.equal(
    steal.decisions.filter(({ verdict }) => verdict === "stolen-raw").length,
    0,
    "none was given to the program",
  );
});

void t.test("--steal-probes gives probes to the program", async (t) => {
  await using stage = await createStage("asked");
  const { client, pod } = stage;
  await using _ = await stage.steal("--steal-probes");
  t.equal(await ask(client, `http://${pod.address4}/healthz`, "-A", "kube-probe/1.36"), "local");
});

for (const backend of ["tproxy", "redirect", "iptables"])
  void t.test(`--redirect ${backend}: a tcp probe of a dead app fails, until the app is back`, async (t) => {
    await using stage = await createStage(`dead${backend}`);
    const { client, pod, app } = stage;
    await using steal = await stage.steal("--header", "^x-tenant: blue$", "--redirect", backend);
    const probe = () => tcpProbe(client, pod.address4, 80);
    t.equal(await probe(), "success");
    await app.proc.kill();
    let failures = 0;
    // The first one finds the dead app, and three in a row are what the kubelet waits for.
    for (let attempt = 0; attempt < 20 && failures < 3; attempt++)
      failures = (await probe()) === "failure" ? failures + 1 : 0;
    t.equal(failures, 3);
    t.match(await steal.event("notice", { fits: ({ code }) => code === "app-down" }), { level: "warning" });
    t.equal(
      await ask(client, `http://${pod.address4}:81/`, "--http2-prior-knowledge"),
      "app",
      "other ports go on",
    );
    await using back = await HttpApp.start({ name: "app again", namespace: pod, port: 80 });
    t.ok(back.proc.running);
    await steal.event("notice", { fits: ({ code }) => code === "app-back" });
    const blue = () => ask(client, `http://${pod.address4}/`, "-H", "x-tenant: blue");
    await until(async () => (await blue()) === "local", { what: "the port to be stolen from again" });
    t.equal(await probe(), "success");
  });

void t.test("a port that has no app stays the program's, whoever looks", async (t) => {
  await using stage = await createStage("lonely");
  const { client, pod, app } = stage;
  await app.proc.kill();
  await using _ = await stage.steal();
  for (let attempt = 0; attempt < 4; attempt++) await tcpProbe(client, pod.address4, 80);
  t.equal(await ask(client, `http://${pod.address4}/`), "local");
});
