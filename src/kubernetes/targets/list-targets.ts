import type { CallBounds, KubernetesApi } from "../api/kubernetes-api.ts";
import type { Container, KubernetesObject, Pod, PodSpec, Service, Workload } from "../api/objects.ts";
import { type Resource, resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import { PodIndex } from "./pod-index.ts";
import { standingOf } from "./pod-standing.ts";
import { sidecarKind } from "./sidecar.ts";
import type { TargetKind } from "./target-reference.ts";

/** Something of a cluster that `--target` may name. */
export interface ListedTarget {
  /** As it is written after `--target`. */
  readonly target: string;
  readonly kind: Exclude<TargetKind, "label">;
  readonly namespace: string;
  readonly name: string;
  /** Pods that are ready, and pods that there should be; of what has no such number, those there are. */
  readonly ready: number;
  readonly wanted: number;
  /** What keeps it from being a target, or some of its pods from serving: `CrashLoopBackOff`, `scaled to zero`; else empty. */
  readonly state: string;
  readonly containers: readonly ListedContainer[];
  /** Of services with what they lead to: `80→8080`. */
  readonly ports: readonly string[];
  /** Its pods, by name. */
  readonly pods: readonly string[];
  /** In how many of them an agent runs. */
  readonly agents: number;
}

export interface ListedContainer {
  readonly name: string;
  /** `mesh proxy` and the like; undefined for what may be the app. */
  readonly sidecar: string | undefined;
}

export interface TargetList {
  readonly targets: readonly ListedTarget[];
  /** Kinds that could not be read, and why. */
  readonly hidden: readonly string[];
}

/**
 * Lists what of a namespace, or of all when none is named, can be a target. All kinds are read at once, each in pages.
 * @throws KubernetesError when not even pods may be listed
 */
export async function listTargets(
  api: KubernetesApi,
  options: CallBounds & { readonly namespace?: string | undefined } = {},
): Promise<TargetList> {
  const hidden: string[] = [];
  const read = async <Item extends KubernetesObject>(resource: Resource): Promise<readonly Item[]> => {
    try {
      return (await api.list<Item>(resource, options)).items;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof KubernetesError) || !mayBeHidden.has(error.code)) throw error;
      // Nobody misses what is not installed.
      if (error.code === "forbidden") hidden.push(error.message);
      return [];
    }
  };
  const [pods, deployments, statefulSets, daemonSets, jobs, cronJobs, services, rollouts] = await Promise.all(
    [
      api.list<Pod>(resources.pods, options),
      read<Workload>(resources.deployments),
      read<Workload>(resources.statefulSets),
      read<Workload>(resources.daemonSets),
      read<Workload>(resources.jobs),
      read<Workload>(resources.cronJobs),
      read<Service>(resources.services),
      read<Workload>(resources.rollouts),
    ],
  );
  const index = new PodIndex(pods.items, { deployments, rollouts, jobs });
  const workloads = [
    ...deployments.map((workload) => ofWorkload("deployment", workload, index)),
    ...rollouts.map((workload) => ofWorkload("rollout", workload, index)),
    ...statefulSets.map((workload) => ofWorkload("statefulset", workload, index)),
    ...daemonSets.map((workload) => ofWorkload("daemonset", workload, index)),
    ...cronJobs.map((workload) => ofWorkload("cronjob", workload, index)),
    // Jobs of the past are many, and no targets.
    ...jobs
      .filter(({ status }) => status?.active !== undefined && status.active !== 0)
      .map((workload) => ofWorkload("job", workload, index)),
    ...index
      .replicaSetsOfTheirOwn()
      .map(({ namespace, name, pods }) =>
        listed({ kind: "replicaset", namespace, name, pods, spec: pods[0]?.spec, index }),
      ),
  ];
  const targets = [
    ...workloads,
    ...services
      .filter(({ spec }) => spec?.selector !== undefined)
      .map((service) => ofService(service, index)),
    ...index.pods.map((pod) => ofPod(pod, index)),
  ];
  return { targets: targets.toSorted(byPlace), hidden };
}

/** Refusals of one kind that leave the rest of the list useful. */
const mayBeHidden: ReadonlySet<string> = new Set(["forbidden", "not-found"]);

function ofWorkload(kind: ListedTarget["kind"], workload: Workload, index: PodIndex): ListedTarget {
  const { namespace = "", name } = workload.metadata;
  const { replicas, suspend, template } = workload.spec ?? {};
  const pods = index.of(kind, { namespace, name });
  const wanted = kind === "daemonset" ? workload.status?.desiredNumberScheduled : replicas;
  const idle =
    wanted === 0
      ? "scaled to zero"
      : suspend === true
        ? "suspended"
        : kind === "cronjob" && pods.length === 0
          ? "no job runs"
          : "";
  return listed({ kind, namespace, name, pods, spec: template?.spec ?? pods[0]?.spec, wanted, idle, index });
}

function ofService(service: Service, index: PodIndex): ListedTarget {
  const { namespace = "", name } = service.metadata;
  const pods = index.withLabels(namespace, service.spec?.selector ?? {});
  const ports = (service.spec?.ports ?? []).map(({ port, targetPort, protocol }) => {
    const to = targetPort === undefined || targetPort === port ? "" : `→${targetPort}`;
    return `${port}${to}${protocolText(protocol)}`;
  });
  const idle = pods.length === 0 ? "no pods" : "";
  return { ...listed({ kind: "service", namespace, name, pods, spec: pods[0]?.spec, idle, index }), ports };
}

function ofPod(pod: Pod, index: PodIndex): ListedTarget {
  const { namespace = "", name } = pod.metadata;
  return listed({ kind: "pod", namespace, name, pods: [pod], spec: pod.spec, index });
}

function listed(about: {
  readonly kind: ListedTarget["kind"];
  readonly namespace: string;
  readonly name: string;
  readonly pods: readonly Pod[];
  readonly spec: PodSpec | undefined;
  readonly index: PodIndex;
  readonly wanted?: number | undefined;
  readonly idle?: string;
}): ListedTarget {
  const { kind, namespace, name, pods, spec } = about;
  const standings = pods.map(standingOf);
  const troubles = new Set(standings.flatMap(({ isReady, word }) => (isReady ? [] : [word])));
  // `Running` of a pod that is not ready says nothing.
  const words = [...troubles].map((word) => (word === "Running" ? "not ready" : word));
  return {
    target: `${kind}/${name}`,
    kind,
    namespace,
    name,
    ready: standings.filter(({ isReady }) => isReady).length,
    wanted: about.wanted ?? standings.filter(({ isOver }) => !isOver).length,
    state: about.idle || unsuitability(spec) || words.join(", "),
    containers: (spec?.containers ?? []).map((container) => ({
      name: container.name,
      sidecar: sidecarKind(container),
    })),
    ports: portsOf(spec?.containers ?? []),
    pods: pods.map(({ metadata }) => metadata.name),
    agents: pods.filter((pod) => about.index.hasAgent(pod)).length,
  };
}

function unsuitability(spec: PodSpec | undefined): string {
  if (spec?.hostNetwork === true) return "in the node's network";
  return (spec?.os?.name ?? spec?.nodeSelector?.["kubernetes.io/os"]) === "windows" ? "Windows" : "";
}

/** Those of sidecars are left out: nobody steals from them. */
function portsOf(containers: readonly Container[]): string[] {
  const apps = containers.filter((container) => sidecarKind(container) === undefined);
  const ports = (apps.length === 0 ? containers : apps).flatMap(({ ports = [] }) => ports);
  return [
    ...new Set(ports.map(({ containerPort, protocol }) => `${containerPort}${protocolText(protocol)}`)),
  ];
}

function protocolText(protocol: string | undefined): string {
  return protocol === undefined || protocol === "TCP" ? "" : `/${protocol.toLowerCase()}`;
}

const order: readonly string[] = [
  "deployment",
  "rollout",
  "statefulset",
  "daemonset",
  "replicaset",
  "cronjob",
  "job",
  "service",
  "pod",
];

function byPlace(left: ListedTarget, right: ListedTarget): number {
  return (
    compare(left.namespace, right.namespace) ||
    order.indexOf(left.kind) - order.indexOf(right.kind) ||
    compare(left.name, right.name)
  );
}

/** Names are ASCII, and `localeCompare` takes ten times as long for some thousand of them. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
