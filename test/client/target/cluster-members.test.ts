import t from "tap";
import { openTarget, type TargetMember } from "../../../src/client/target/index.ts";
import { FakeCluster } from "../../fixtures/kubernetes/fake-cluster.ts";
import { kindNamed } from "../../fixtures/kubernetes/kinds.ts";
import { sampleDeployment, samplePod, sampleService } from "../../fixtures/kubernetes/sample-objects.ts";

const pods = kindNamed("Pod");
const place = (name: string) => ({ namespace: "shop", name });

function replica(name: string, hash = "5d4c8") {
  const labels = { app: "web", "pod-template-hash": hash };
  return samplePod(name, { labels, owner: { kind: "ReplicaSet", name: `web-${hash}` } });
}

async function opened(text: string, end: AsyncDisposableStack, replicas = 2) {
  const cluster = end.use(await FakeCluster.open());
  cluster.put(...sampleDeployment("web", { replicas }));
  const kubeconfig = await cluster.kubeconfig();
  return { cluster, target: openTarget(text, { kubeconfig, namespace: "shop" }) };
}

void t.test(
  "a deployment's ready pods are its members; one that goes is leaving until it is gone",
  async (t) => {
    await using end = new AsyncDisposableStack();
    const { cluster, target } = await opened("deployment/web", end);
    const over = new AbortController();
    end.defer(() => over.abort());
    const watch = target.members?.watch({ signal: over.signal })[Symbol.asyncIterator]();
    let latest: readonly TargetMember[] = [];
    /** The states by name, as soon as they are so many of each. */
    const until = async (fits: (states: readonly string[]) => boolean): Promise<readonly string[]> => {
      for (;;) {
        const next = await watch?.next();
        latest = next?.value ?? [];
        const states = latest.map(({ name, state }) => `${name} ${state}`).toSorted();
        if (fits(states) || next?.done !== false) return states;
      }
    };
    t.same(await until(() => true), ["web-5d4c8-0 ready", "web-5d4c8-1 ready"]);
    const [first] = latest;
    t.match(first?.target, { label: "pod/web-5d4c8-0", cluster: { namespace: "shop" } });
    cluster.put(replica("web-5d4c8-2"));
    await until((states) => states.includes("web-5d4c8-2 ready"));
    cluster.store.change(pods, place("web-5d4c8-0"), ({ metadata }) => {
      metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    });
    await until((states) => states.includes("web-5d4c8-0 leaving"));
    cluster.store.remove(pods, place("web-5d4c8-1"));
    t.same(await until((states) => states.length === 2), ["web-5d4c8-0 leaving", "web-5d4c8-2 ready"]);
    t.equal(new Set(latest.map(({ id }) => id)).size, 2);
  },
);

void t.test("a pod that is named is one, and has no members", async (t) => {
  await using end = new AsyncDisposableStack();
  const { target } = await opened("pod/web-5d4c8-0", end);
  t.equal(target.members, undefined);
});

void t.test("none ready is said with the state of each", async (t) => {
  await using end = new AsyncDisposableStack();
  const { cluster, target } = await opened("deployment/web", end, 1);
  cluster.store.change(pods, place("web-5d4c8-0"), (pod) => {
    pod.status = { phase: "Running", conditions: [{ type: "Ready", status: "False" }] };
  });
  const signal = new AbortController().signal;
  const { members } = target;
  if (members === undefined) throw new Error("a deployment has members");
  await t.rejects(members.list({ signal }), { code: "target-unready", message: /web-5d4c8-0/ });
  const watch = members.watch({ signal })[Symbol.asyncIterator]();
  await t.rejects(watch.next(), { code: "target-unready" });
});

void t.test("a member that is named by itself later has the same key", async (t) => {
  await using end = new AsyncDisposableStack();
  const { target } = await opened("deployment/web", end);
  const [first] = (await target.members?.list({ signal: new AbortController().signal })) ?? [];
  t.ok(first);
  if (first !== undefined)
    t.equal(openTarget(first.target.label, first.target.cluster).key, first.target.key);
});

void t.test(
  "a service's port is the one that it leads to, of its pods; what it has none of is theirs",
  async (t) => {
    await using end = new AsyncDisposableStack();
    const { cluster, target } = await opened("service/web", end);
    cluster.put(sampleService("web"));
    const { signal } = new AbortController();
    const members = (await target.members?.list({ signal })) ?? [];
    t.ok(members.length > 0);
    for (const member of members)
      t.same(
        [80, 9229].map((port) => member.target.portOf?.(port)),
        [8080, 9229],
      );
  },
);

void t.test(
  "of several apps the container that declares the asked port is taken, and it is said",
  async (t) => {
    await using end = new AsyncDisposableStack();
    const { cluster } = await opened("deployment/web", end, 0);
    const labels = { app: "web", "pod-template-hash": "5d4c8" };
    const owner = { kind: "ReplicaSet", name: "web-5d4c8" };
    const containers = [
      { name: "admin", image: "shop/admin:1", ports: [{ containerPort: 9090 }] },
      { name: "web", image: "shop/web:1", ports: [{ containerPort: 8080 }] },
    ];
    cluster.put(samplePod("web-5d4c8-0", { labels, owner, containers }), sampleService("web"));
    const place = { kubeconfig: await cluster.kubeconfig(), namespace: "shop" };
    const noteOf = async (text: string, port: number): Promise<string> => {
      const over = new AbortController();
      end.defer(() => over.abort());
      const target = openTarget(text, place, {}, { ports: [port], incoming: true });
      const notes: string[] = [];
      const onNote = (note: string): void => void notes.push(note);
      const watch = target.members?.watch({ signal: over.signal, onNote })[Symbol.asyncIterator]();
      await watch?.next();
      return notes.join("\n");
    };
    t.match(await noteOf("deployment/web", 8080), /container web, which declares port 8080, of admin, web/);
    t.match(await noteOf("service/web", 80), /container web, which declares port 8080/);
    t.match(await noteOf("deployment/web", 9090), /container admin, which declares port 9090/);
    t.match(await noteOf("deployment/web", 1), /container admin, the first of admin, web/);
  },
);
