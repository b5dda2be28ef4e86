import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";

/** The rules that Istio puts into a pod for what comes in (istio-iptables, REDIRECT mode). */
const istioRules = [
  ["-N", "ISTIO_INBOUND"],
  ["-N", "ISTIO_IN_REDIRECT"],
  ["-A", "ISTIO_IN_REDIRECT", "-p", "tcp", "-j", "REDIRECT", "--to-ports", "15006"],
  ["-A", "ISTIO_INBOUND", "-p", "tcp", "--dport", "15008", "-j", "RETURN"],
  ["-A", "ISTIO_INBOUND", "-p", "tcp", "-j", "ISTIO_IN_REDIRECT"],
  ["-A", "PREROUTING", "-p", "tcp", "-j", "ISTIO_INBOUND"],
];

const fixture = (name: string) => new URL(`../fixtures/${name}.ts`, import.meta.url).pathname;

for (const backend of ["tproxy", "redirect", "iptables"])
  void t.test(`--redirect ${backend}: in a mesh the sidecar stays before the agent`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const runtimeDirectory = stack.use(await RuntimeDirectory.create());
    const { client, pod } = stack.use(await createNamespaces({ label: `mesh${backend}` }));
    const [app, local] = await Promise.all([
      HttpApp.start({ name: "app", namespace: pod, port: 80 }),
      HttpApp.start({ name: "local", host: "127.0.0.1" }),
    ]);
    stack.use(app);
    stack.use(local);
    const node = process.execPath;
    const sidecar = await pod.spawn([node, fixture("mesh-sidecar"), pod.address4, "80"]);
    await sidecar.line(/^ready$/);
    for (const rule of istioRules) {
      const { code, stderr } = await pod.run("iptables", "-t", "nat", ...rule);
      t.equal(code, 0, stderr);
    }
    const ask = async (...fields: string[]) =>
      (await client.run(node, fixture("mesh-caller"), pod.address4, "80", ...fields)).stdout.trim();
    t.equal(await ask(), "app", "the mesh works");
    await using steal = await MagpieSteal.start({
      pod,
      runtimeDirectory,
      args: ["--port", `80:${local.port}`, "--header", "^x-tenant: blue$", "--trace", "--redirect", backend],
    });
    t.equal(await ask(), "app");
    t.equal(await ask("x-tenant: blue"), "local");
    const [decision] = await steal.decided(({ verdict }) => verdict === "stolen", { count: 1 });
    t.match(decision?.peer, /^127\.0\.0\.6:/, "what is read comes from the sidecar");
  });
