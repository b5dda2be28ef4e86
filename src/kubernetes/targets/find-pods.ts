import type { CallBounds, KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod, Service } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import type { PodSelection } from "./pod-selection.ts";
import { standingLine, standingOf } from "./pod-standing.ts";
import { selectPods } from "./select-pods.ts";
import { type ContainerWish, inOrder, type TargetPod, targetPod } from "./target-pod.ts";
import type { TargetReference } from "./target-reference.ts";

/** A target with its pods. */
export interface FoundPods {
  readonly reference: TargetReference;
  readonly namespace: string;
  /** Those that are ready, in a stable order; at least one. Environment and files come from the first. */
  readonly pods: readonly TargetPod[];
  /** Those that are not, each with its state: `web-2: CrashLoopBackOff (…)`. */
  readonly unready: readonly string[];
  /** What may be of use to whoever asked, such as which container was chosen and why. */
  readonly notes: readonly string[];
  /** For {@link PodFollower}. */
  readonly selection: PodSelection;
  readonly wish: ContainerWish;
  /** Set where the target is a service. */
  readonly service: Service | undefined;
  /** From there a watch goes on. */
  readonly resourceVersion: string;
}

const maxTold = 8;

/**
 * Finds the ready pods of a target, and of each the container that is meant. Reads only.
 * @throws KubernetesError `not-found`, `unsuitable`, `unready` (with each pod's state), `forbidden` …
 */
export async function findPods(
  api: KubernetesApi,
  reference: TargetReference,
  options: Omit<ContainerWish, "container"> & CallBounds = {},
): Promise<FoundPods> {
  const { port: asked, ...bounds } = options;
  const { namespace } = api.cluster;
  const { selection, emptyBecause, service } = await selectPods(api, reference, { namespace, ...bounds });
  const { labelSelector, fieldSelector } = selection;
  const listed = await api.list<Pod>(resources.pods, { namespace, labelSelector, fieldSelector, ...bounds });
  const all = listed.items.filter(selection.isOurs);
  const port = asked === undefined ? undefined : (podPort(service, asked, all) ?? asked);
  const wish = { container: reference.container, port };
  const serving = all.filter((pod) => isServing(pod, reference));
  const pods = inOrder(serving.map((pod) => targetPod(pod, wish)));
  const unready = all.filter((pod) => !standingOf(pod).isReady).map(standingLine);
  if (pods.length === 0) throw noneReady(reference, { namespace, unready, emptyBecause });
  const notes = notesOf(reference, pods, unready);
  const { resourceVersion } = listed;
  return { reference, namespace, pods, unready, notes, selection, wish, service, resourceVersion };
}

/** Whoever names one pod means it, ready or not, as long as it runs. */
function isServing(pod: Pod, { kind }: TargetReference): boolean {
  const { isReady, isOver } = standingOf(pod);
  if (isReady || kind !== "pod") return isReady;
  return (
    !isOver && pod.status?.containerStatuses?.every(({ state }) => state?.running !== undefined) === true
  );
}

/**
 * The port of its pods that a service's port leads to; undefined when it is none of the service, or no service at all.
 * A target port may be a name, which each container has for a number of its own: the first pod's counts.
 */
export function podPort(
  service: Service | undefined,
  port: number,
  pods: readonly Pod[],
): number | undefined {
  const found = service?.spec?.ports?.find((one) => one.port === port && (one.protocol ?? "TCP") === "TCP");
  if (found === undefined) return undefined;
  const target = found.targetPort ?? port;
  if (typeof target === "number") return target;
  const declared = pods.flatMap(({ spec }) => spec.containers.flatMap(({ ports = [] }) => ports));
  return declared.find(({ name }) => name === target)?.containerPort;
}

function noneReady(
  { kind, label }: TargetReference,
  about: { namespace: string; unready: readonly string[]; emptyBecause: string | undefined },
): KubernetesError {
  const { namespace, unready, emptyBecause } = about;
  const where = `in namespace ${namespace}`;
  if (unready.length === 0) {
    const why = emptyBecause ?? (kind === "label" ? "no pod has these labels" : "it has no pods");
    return new KubernetesError("unready", `${label} has no pod ${where}: ${why}`, {
      hint:
        emptyBecause?.includes("zero") === true
          ? `\`kubectl scale --replicas 1 ${label} -n ${namespace}\` starts one.`
          : undefined,
    });
  }
  const told = unready.slice(0, maxTold).map((line) => `\n  ${line}`);
  if (unready.length > maxTold) told.push(`\n  … and ${unready.length - maxTold} more`);
  const why = emptyBecause === undefined ? "" : `, ${emptyBecause}`;
  return new KubernetesError("unready", `${label} has no ready pod ${where}${why}:${told.join("")}`, {
    hint: "Once one is ready, try again; `kubectl describe pod` tells what it waits for.",
  });
}

function notesOf(
  reference: TargetReference,
  pods: readonly TargetPod[],
  unready: readonly string[],
): string[] {
  const notes: string[] = [];
  const [first] = pods;
  if (first !== undefined && reference.container === undefined && first.pod.spec.containers.length > 1)
    notes.push(`container ${first.container.name}, ${first.container.because}`);
  if (reference.kind === "pod" && first?.isReady === false)
    notes.push(`${standingLine(first.pod)}: services send it no requests`);
  else if (unready.length > 0) notes.push(`not ready: ${unready.slice(0, maxTold).join("; ")}`);
  return notes;
}
