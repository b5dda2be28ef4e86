import t from "tap";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";

void t.test(
  "the example runs as any target: three replicas, probes, sidecar, files, variables",
  async (t) => {
    await using cluster = await Cluster.start();
    await using namespace = await cluster.namespace("example");
    await namespace.applyExample();
    const pods = await namespace.pods("app=web");
    t.equal(pods.length, 3);
    for (const { status } of pods) {
      t.same(status.containerStatuses?.map(({ name, ready }) => [name, ready]).toSorted(), [
        ["log-shipper", true],
        ["web", true],
      ]);
      t.equal(
        status.containerStatuses?.some(({ restartCount }) => restartCount > 0),
        false,
      );
    }
    await using caller = await Caller.start(cluster, namespace);
    for (const { metadata, status } of pods) {
      const answer = await caller.call({ url: `http://${status.podIP}:8080/shop`, uploadBytes: 100_000 });
      if (answer.error !== undefined) throw new Error(answer.error);
      t.match(JSON.parse(answer.body), {
        by: "original",
        pod: metadata.name,
        greeting: "good morning",
        page: "the page of the pod",
        passwordLength: 28,
        received: { bytes: 100_000, sha256: answer.sha256 },
      });
    }
  },
);

void t.test("a user may do what the rules say and nothing else", async (t) => {
  await using cluster = await Cluster.start();
  await using namespace = await cluster.namespace("user");
  const kubeconfig = await namespace.user("reader", [
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ]);
  const may = (...what: string[]) =>
    cluster.tryKubectl(["--kubeconfig", kubeconfig, "auth", "can-i", ...what]);
  t.match((await may("list", "pods")).stdout, /^yes/);
  t.match((await may("create", "pods/exec")).stdout, /^no/);
  t.match((await may("list", "pods", "-n", "default")).stdout, /^no/);
});
