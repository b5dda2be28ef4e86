import { agentPodLabels, ephemeralAgents, targetLabel } from "../agent/agent-place.ts";
import type { OwnerReference, Pod, Workload } from "../api/objects.ts";
import type { TargetKind } from "./target-reference.ts";

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** The pods of a list by what they belong to, so that a thousand of them are looked at once and not once for each owner. */
export class PodIndex {
  /** All but those that are agents. */
  readonly pods: readonly Pod[];
  /** Of pods that have an agent in a pod of its own. */
  readonly #guarded: ReadonlySet<string | undefined>;
  readonly #byOwner = new Map<string, Pod[]>();
  readonly #byNamespace = new Map<string, Pod[]>();

  constructor(
    listed: readonly Pod[],
    owners: {
      readonly deployments: readonly Workload[];
      readonly rollouts: readonly Workload[];
      readonly jobs: readonly Workload[];
    },
  ) {
    this.pods = listed.filter((pod) => !isAgent(pod));
    const agents = listed.filter(({ status, ...pod }) => isAgent(pod) && status?.phase === "Running");
    this.#guarded = new Set(agents.map(({ metadata }) => metadata.labels?.[targetLabel]));
    const keysOf = (kind: TargetKind, workloads: readonly Workload[]) =>
      workloads.map(({ metadata: { namespace = "", name } }) => keyOf(kind, { namespace, name }));
    const known = new Set([
      ...keysOf("deployment", owners.deployments),
      ...keysOf("rollout", owners.rollouts),
    ]);
    const cronJobOf = new Map(
      owners.jobs.flatMap(({ metadata: { namespace = "", name, ownerReferences } }) => {
        const owner = ownerReferences?.find(({ kind }) => kind === "CronJob");
        return owner === undefined
          ? []
          : [[keyOf("job", { namespace, name }), keyOf("cronjob", { namespace, name: owner.name })]];
      }),
    );
    for (const pod of this.pods) {
      const { namespace = "", ownerReferences = [] } = pod.metadata;
      add(this.#byNamespace, namespace, pod);
      const owner = ownerReferences.find(({ controller }) => controller === true);
      if (owner === undefined) continue;
      const own = keyOf(owner.kind.toLowerCase(), { namespace, name: owner.name });
      const parent = owner.kind === "ReplicaSet" ? parentOf(pod, owner, known) : cronJobOf.get(own);
      if (parent !== undefined) add(this.#byOwner, parent, pod);
      if (parent === undefined || owner.kind !== "ReplicaSet") add(this.#byOwner, own, pod);
    }
  }

  hasAgent(pod: Pod): boolean {
    const { uid } = pod.metadata;
    return ephemeralAgents(pod).length > 0 || (uid !== undefined && this.#guarded.has(uid));
  }

  of(kind: TargetKind, place: Place): readonly Pod[] {
    return this.#byOwner.get(keyOf(kind, place)) ?? [];
  }

  withLabels(namespace: string, labels: Readonly<Record<string, string>>): readonly Pod[] {
    const wanted = Object.entries(labels);
    return (this.#byNamespace.get(namespace) ?? []).filter(({ metadata }) =>
      wanted.every(([key, value]) => metadata.labels?.[key] === value),
    );
  }

  /** ReplicaSets with pods that no Deployment or Rollout stands above. */
  replicaSetsOfTheirOwn(): readonly (Place & { readonly pods: readonly Pod[] })[] {
    return [...this.#byOwner].flatMap(([key, pods]) => {
      const [kind, namespace = "", name = ""] = key.split("/");
      return kind === "replicaset" ? [{ namespace, name, pods }] : [];
    });
  }
}

function isAgent({ metadata }: Pick<Pod, "metadata">): boolean {
  return Object.entries(agentPodLabels).every(([key, value]) => metadata.labels?.[key] === value);
}

/** A ReplicaSet is named after the hash of its template: see `controlledByReplicaSetOf`. */
function parentOf(pod: Pod, owner: OwnerReference, known: ReadonlySet<string>): string | undefined {
  const { namespace = "", labels = {} } = pod.metadata;
  const hash = labels["pod-template-hash"] ?? labels["rollouts-pod-template-hash"];
  const end = hash === undefined ? owner.name.lastIndexOf("-") : owner.name.length - hash.length - 1;
  const name = owner.name.slice(0, Math.max(0, end));
  return ["deployment", "rollout"]
    .map((kind) => keyOf(kind, { namespace, name }))
    .find((key) => known.has(key));
}

function keyOf(kind: string, { namespace, name }: Place): string {
  return `${kind}/${namespace}/${name}`;
}

function add(index: Map<string, Pod[]>, key: string, pod: Pod): void {
  const found = index.get(key);
  if (found === undefined) index.set(key, [pod]);
  else found.push(pod);
}
