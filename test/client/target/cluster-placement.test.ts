import t from "tap";
import { type ClusterAgentFlags, placementOf } from "../../../src/client/target/cluster-placement.ts";

void t.test("what is not said is left to the room of the cluster", (t) => {
  t.same(placementOf({}, undefined), { pod: {} });
  t.end();
});

void t.test("every flag has its place", (t) => {
  const flags: ClusterAgentFlags = {
    agent: "pod",
    agentImage: "registry.example:5000/magpie-agent@sha256:0123",
    agentPullPolicy: "Never",
    agentPullSecret: ["mirror"],
    agentRequests: "cpu=50m,memory=64Mi",
    agentToleration: ["dedicated=shop:NoSchedule", "gpu:NoExecute", "*"],
    agentLabel: ["team=shop"],
    agentAnnotation: ["a.example/b=c=d"],
    agentSecurity: '{"readOnlyRootFilesystem":true}',
    agentRuntimeClass: "gvisor",
    agentDeadline: "1h",
    agentTimeout: "90s",
    agentLinger: "0",
  };
  t.same(placementOf(flags, "agents"), {
    form: "pod",
    image: "registry.example:5000/magpie-agent@sha256:0123",
    imagePullPolicy: "Never",
    securityContext: { readOnlyRootFilesystem: true },
    lingerMs: 0,
    startTimeoutMs: 90_000,
    pod: {
      namespace: "agents",
      pullSecrets: ["mirror"],
      resources: { requests: { cpu: "50m", memory: "64Mi" } },
      tolerations: [
        { key: "dedicated", operator: "Equal", value: "shop", effect: "NoSchedule" },
        { key: "gpu", operator: "Exists", effect: "NoExecute" },
        { operator: "Exists" },
      ],
      labels: { team: "shop" },
      annotations: { "a.example/b": "c=d" },
      runtimeClass: "gvisor",
      deadlineSeconds: 3_600,
    },
  });
  t.end();
});

void t.test("what cannot be read is a usage error that names the flag and says what to write", (t) => {
  const cases: [ClusterAgentFlags, RegExp][] = [
    [{ agentImage: "no image" }, /--agent-image/],
    [{ agentRequests: "much" }, /--agent-requests/],
    [{ agentToleration: ["a=b:Sometimes"] }, /--agent-toleration/],
    [{ agentSecurity: "[]" }, /--agent-security/],
    [{ agentLinger: "soon" }, /--agent-linger/],
  ];
  for (const [flags, message] of cases)
    t.throws(() => placementOf(flags, undefined), { code: "usage", message, hint: /^Write/ });
  t.end();
});
