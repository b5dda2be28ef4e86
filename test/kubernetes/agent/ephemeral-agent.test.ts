import t from "tap";
import { ephemeralAgent } from "../../../src/kubernetes/agent/ephemeral-agent.ts";
import { pinnedAgent } from "../../../src/kubernetes/agent/pinned-agent.ts";
import { defaultPlacement } from "../../../src/kubernetes/index.ts";

const pod = {
  metadata: { name: "web", namespace: "shop", uid: "u-1" },
  spec: { nodeName: "one", containers: [{ name: "app" }] },
  status: { containerStatuses: [{ name: "app", containerID: "containerd://0123456789" }] },
};
const settings = { redirect: "auto", looksIntoApp: false };
const about = { pod, container: "app", placement: defaultPlacement, settings };

void t.test("an agent for requests has NET_ADMIN and nothing else, and is nobody in particular", (t) => {
  const { securityContext, targetContainerName, args, ...rest } = ephemeralAgent(about);
  t.same(securityContext, {
    runAsUser: 65_532,
    runAsGroup: 65_532,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
  });
  t.equal(targetContainerName, "app");
  t.match(args?.join(" "), /^run --runtime-dir auto --log stdout .*--pod-root \/proc\/1\/root$/);
  t.same(Object.keys(rest).toSorted(), ["command", "image", "name"]);
  t.end();
});

void t.test("looking into the app takes two more; what else is asked of it is added, and wins", (t) => {
  const looking = ephemeralAgent({ ...about, settings: { ...settings, looksIntoApp: true } });
  t.same(looking.securityContext?.capabilities?.add, ["NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"]);
  const placement = {
    ...defaultPlacement,
    looks: true,
    securityContext: { runAsUser: 0, runAsNonRoot: false, readOnlyRootFilesystem: true },
  };
  const { securityContext } = ephemeralAgent({ ...about, placement });
  t.match(securityContext, { runAsUser: 0, runAsNonRoot: false, readOnlyRootFilesystem: true });
  t.equal(securityContext?.capabilities?.add?.length, 3);
  t.end();
});

void t.test("where containers share their processes, the app's files are found by its container", (t) => {
  const shared = { ...pod, spec: { ...pod.spec, shareProcessNamespace: true } };
  const { args } = ephemeralAgent({ ...about, pod: shared });
  t.equal(args?.at(-1), "container:containerd://0123456789");
  // There process 1 is the node's: its files are none of the pod's.
  const seeing = { ...pod, spec: { ...pod.spec, hostPID: true } };
  t.equal(ephemeralAgent({ ...about, pod: seeing }).args?.at(-1), args?.at(-1));
  t.end();
});

void t.test(
  "an agent that is a pod is pinned to the node, has an end and no token, and goes with its target",
  (t) => {
    const { metadata, spec } = pinnedAgent(about);
    t.match(metadata, {
      namespace: "shop",
      labels: { "magpie.dev/target-uid": "u-1" },
      ownerReferences: [{ kind: "Pod", name: "web", uid: "u-1", controller: true }],
      annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true" },
    });
    t.match(spec, {
      nodeName: "one",
      hostPID: true,
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      activeDeadlineSeconds: 43_200,
    });
    t.match(spec.containers[0]?.args?.join(" "), /--of-container containerd:\/\/0123456789$/);
    const elsewhere = { ...defaultPlacement, pod: { ...defaultPlacement.pod, namespace: "agents" } };
    t.notOk(
      pinnedAgent({ ...about, placement: elsewhere }).metadata.ownerReferences,
      "an owner elsewhere counts as gone",
    );
    t.end();
  },
);

void t.test("beside a container that does not run there is no place", (t) => {
  t.throws(() => pinnedAgent({ ...about, pod: { ...pod, status: {} } }), { code: "unready" });
  t.end();
});
