import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("backends");
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** In the pod's network namespace, before the app begins. */
const withoutIpv6 = {
  name: "without-ipv6",
  image: cluster.exampleImage,
  imagePullPolicy: "IfNotPresent",
  command: [
    "node",
    "-e",
    'for (const at of ["all", "default", "lo"]) require("fs").writeFileSync(`/proc/sys/net/ipv6/conf/${at}/disable_ipv6`, "1")',
  ],
  securityContext: { privileged: true, runAsUser: 0 },
};

async function run(name: string, initContainers: readonly object[]): Promise<string> {
  const script =
    'require("http").createServer((q, a) => a.end(JSON.stringify({ by: "original", from: q.socket.remoteAddress }))).listen(8080, "0.0.0.0"); process.on("SIGTERM", () => process.exit())';
  const app = {
    name: "app",
    image: cluster.exampleImage,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "-e", script],
    securityContext: { runAsUser: 1000 },
  };
  await namespace.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { name } },
    spec: { terminationGracePeriodSeconds: 1, containers: [app], initContainers },
  });
  await namespace.kubectl("wait", `pod/${name}`, "--for=condition=Ready", "--timeout=60s");
  const [pod] = await namespace.pods(`name=${name}`);
  return `http://${pod?.status.podIP ?? ""}:8080/`;
}

for (const backend of ["tproxy", "redirect", "iptables"] as const)
  for (const [kind, initContainers] of [
    ["usual", []],
    ["without-ipv6", [withoutIpv6]],
  ] as const)
    void t.test(`${backend} redirects in a pod that is ${kind}`, async (t) => {
      const name = `${backend}-${kind}`;
      const url = await run(name, initContainers);
      const ask = async (tenant: string): Promise<{ by: string; from?: string }> => {
        const answer = await caller.call({ url, headers: { "x-tenant": tenant, connection: "close" } });
        if (answer.error !== undefined) return { by: answer.error };
        return JSON.parse(answer.body) as { by: string; from?: string }; // Both say who they are.
      };
      const before = await ask("red");
      await using local = await LocalProgram.start();
      const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", "--redirect", backend];
      await using steal = await ann.steal(`pod/${name}`, args);
      t.match(steal.ready.backend, backend);
      t.match(await ask("blue"), { by: "local" });
      t.same(await ask("red"), before, "the app sees who called, as before");
      await steal.end();
      t.match(await ask("blue"), { by: "original" });
    });
