import type { Finding, RightsHolder } from "../../kubernetes/index.ts";
import { type ClusterAgentFlags, type ClusterTarget, placementOf } from "../target/index.ts";
import type { WantedFeatures } from "./doctor-plan.ts";

/** What the doctor found of a target in a cluster. */
export interface ClusterExamination {
  readonly findings: readonly Finding[];
  /** For `kubectl apply -f -`: the smallest Role with its binding. */
  readonly role: string;
  readonly holder: RightsHolder;
  /** The same: the namespace of the agent with a level that allows it. */
  readonly exception: string;
}

/** Examines what a session with pods of a cluster would meet. @throws KubernetesError; the signal's reason */
export async function examineCluster(
  target: ClusterTarget,
  about: { readonly wanted: WantedFeatures; readonly flags: ClusterAgentFlags; readonly signal: AbortSignal },
): Promise<ClusterExamination> {
  const { wanted, flags, signal } = about;
  const { reference, cluster } = target;
  const { agentNamespace, ...choice } = cluster;
  const kubernetes = await import("../../kubernetes/index.ts");
  using api = await kubernetes.KubernetesApi.open(choice);
  const { namespace } = api.cluster;
  const asked = placementOf(flags, agentNamespace);
  const { defaultPlacement } = kubernetes;
  const placement = { ...defaultPlacement, ...asked, pod: { ...defaultPlacement.pod, ...asked.pod } };
  const settings = { redirect: "auto", looksIntoApp: wanted.exec };
  const [report, holder] = await Promise.all([
    kubernetes.runPreflight(
      api,
      {
        namespace,
        reference,
        features: {
          ports: wanted.ports,
          incoming: wanted.incoming,
          looksIntoApp: wanted.exec,
          form: placement.form,
          agentNamespace,
        },
        image: placement.image,
        imagePullPolicy: placement.imagePullPolicy,
        findPod: async (signal) => {
          const { pods, notes } = await kubernetes.findPods(api, reference, {
            port: wanted.ports[0],
            signal,
          });
          const [first] = pods;
          if (first === undefined)
            throw new kubernetes.KubernetesError("unready", `${reference.label} has no pod`);
          const count = `${pods.length} ready pod${pods.length === 1 ? "" : "s"}`;
          const found = `${reference.label} in namespace ${namespace}: ${count}; looked at ${first.name}`;
          return { pod: first.pod, container: first.container.name, notes: [found, ...notes] };
        },
        trial: ({ container = "", signal, ...tried }) =>
          kubernetes.tryAgent(api, { ...tried, container, placement, settings }, { signal }),
        depth: "full",
      },
      { signal },
    ),
    kubernetes.whoAmI(api, signal),
  ]);
  const wantedForm = placement.form === "pod" ? "pod" : "ephemeral";
  const rights = report.rights.filter(({ form }) => form === undefined || form === wantedForm);
  const agentIn = wantedForm === "pod" ? (agentNamespace ?? namespace) : namespace;
  return {
    findings: report.findings,
    role: kubernetes.roleYaml(
      rights.map(({ access }) => access),
      holder,
    ),
    holder,
    exception: kubernetes.exceptionYaml(agentIn, report.look.namespaceObject),
  };
}
