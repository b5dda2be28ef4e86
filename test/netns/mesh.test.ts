import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";

const sidecarsOwn = ["-A", "ISTIO_OUTPUT", "-p", "tcp", "-m", "owner", "--uid-owner", "1337"];
/** The rules that Istio puts into a pod (istio-iptables, REDIRECT mode); its sidecar has the user 1337. */
const istioRules = [
  ["-N", "ISTIO_INBOUND"],
  ["-N", "ISTIO_IN_REDIRECT"],
  ["-A", "ISTIO_IN_REDIRECT", "-p", "tcp", "-j", "REDIRECT", "--to-ports", "15006"],
  ["-A", "ISTIO_INBOUND", "-p", "tcp", "--dport", "15008", "-j", "RETURN"],
  ["-A", "ISTIO_INBOUND", "-p", "tcp", "-j", "ISTIO_IN_REDIRECT"],
  ["-A", "PREROUTING", "-p", "tcp", "-j", "ISTIO_INBOUND"],
  ["-N", "ISTIO_OUTPUT"],
  ["-N", "ISTIO_REDIRECT"],
  ["-A", "ISTIO_REDIRECT", "-p", "tcp", "-j", "REDIRECT", "--to-ports", "15001"],
  ["-A", "ISTIO_OUTPUT", "-s", "127.0.0.6/32", "-o", "lo", "-j", "RETURN"],
  [...sidecarsOwn, "!", "-d", "127.0.0.1/32", "-o", "lo", "-j", "ISTIO_IN_REDIRECT"],
  ["-A", "ISTIO_OUTPUT", "-o", "lo", "-m", "owner", "!", "--uid-owner", "1337", "-j", "RETURN"],
  [...sidecarsOwn, "-j", "RETURN"],
  ["-A", "ISTIO_OUTPUT", "-d", "127.0.0.1/32", "-j", "RETURN"],
  ["-A", "ISTIO_OUTPUT", "-j", "ISTIO_REDIRECT"],
  ["-A", "OUTPUT", "-p", "tcp", "-j", "ISTIO_OUTPUT"],
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
    const sidecar = await pod.spawn([
      "setpriv",
      ...["--reuid", "1337", "--regid", "1337", "--clear-groups"],
      ...[node, fixture("mesh-sidecar"), pod.address4, "80"],
    ]);
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
