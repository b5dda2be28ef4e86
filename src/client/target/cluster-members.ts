import type {
  ClusterFlags,
  FoundPods,
  KubernetesApi,
  TargetPod,
  TargetReference,
} from "../../kubernetes/index.ts";
import type { AskedPorts } from "./asked-ports.ts";
import { ClusterGate } from "./cluster-gate.ts";
import type { WantedPlacement } from "./cluster-placement.ts";
import { clusterSite, translated, wholePlacement } from "./cluster-site.ts";
import type { TargetMember, TargetMembers } from "./target-members.ts";
import type { ClusterChoice } from "./target.ts";

/** How long a pod that is being deleted may stay; what its spec says is unknown here. */
const usualGraceSeconds = 30;
const overtimeMs = 5_000;

/** The pods of a target of a cluster: those that are ready, and those that become ready later. */
export class ClusterMembers implements TargetMembers {
  readonly noun = { one: "pod", many: "pods" };
  readonly #reference: TargetReference;
  readonly #cluster: ClusterChoice;
  readonly #choice: ClusterFlags;
  readonly #wanted: WantedPlacement;
  readonly #asked: AskedPorts;
  readonly #keyOfPod: (pod: { name: string; namespace: string }) => string;
  readonly #gate = new ClusterGate();
  #api: Promise<KubernetesApi> | undefined;

  constructor(options: {
    reference: TargetReference;
    cluster: ClusterChoice;
    choice: ClusterFlags;
    wanted: WantedPlacement;
    asked: AskedPorts;
    /** The key of a target that names one pod. */
    keyOfPod: (pod: { name: string; namespace: string }) => string;
  }) {
    this.#reference = options.reference;
    this.#cluster = options.cluster;
    this.#choice = options.choice;
    this.#wanted = options.wanted;
    this.#asked = options.asked;
    this.#keyOfPod = options.keyOfPod;
  }

  async list({ signal }: { signal: AbortSignal }): Promise<readonly TargetMember[]> {
    const found = await this.#find(signal);
    return await Promise.all(found.pods.map((pod) => this.#member(pod, found)));
  }

  async *watch(
    options: Parameters<TargetMembers["watch"]>[0],
  ): AsyncGenerator<readonly TargetMember[], void> {
    const { signal, onNote } = options;
    const found = await this.#find(signal);
    for (const note of found.notes) onNote?.(note);
    const seen = new SeenPods();
    for (const pod of found.pods) seen.ready(pod);
    const { PodFollower } = await import("../../kubernetes/index.ts");
    const follower = new PodFollower({
      api: await this.#opened(),
      found,
      events: {
        onJoin: (pod) => seen.ready(pod),
        onLeave: (pod) => seen.leaves(pod),
        onUnsuitable: ({ message }) => onNote?.(message),
        onBlind: (error) => onNote?.(blindText(this.#reference.label, error)),
        onSeeing: () => onNote?.(`pods of ${this.#reference.label} are seen again`),
      },
    });
    const stop = (): void => {
      follower[Symbol.dispose]();
      seen[Symbol.dispose]();
      seen.wake();
    };
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (!signal.aborted) {
        yield await Promise.all(
          seen.pods.map(({ pod, isLeaving }) => this.#member(pod, { ...found, isLeaving })),
        );
        await seen.change();
      }
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  async #opened(): Promise<KubernetesApi> {
    const { KubernetesApi } = await import("../../kubernetes/index.ts");
    this.#api ??= KubernetesApi.open(this.#choice);
    return await this.#api;
  }

  async #find(signal: AbortSignal): Promise<FoundPods> {
    return await translated(async () => {
      const { findPods } = await import("../../kubernetes/index.ts");
      return await findPods(await this.#opened(), this.#reference, {
        port: this.#asked.ports[0],
        signal,
      });
    });
  }

  async #member(
    found: TargetPod,
    { service, isLeaving = false }: Pick<FoundPods, "service"> & { isLeaving?: boolean },
  ): Promise<TargetMember> {
    const { defaultPlacement, PodAgents, podPort, probesOnPort, specProbes } = await import(
      "../../kubernetes/index.ts"
    );
    const { name, namespace, uid, container, pod } = found;
    const api = await this.#opened();
    const target = { namespace, pod: name, container: container.name };
    const placement = wholePlacement(this.#wanted, defaultPlacement);
    const beforePlacing = this.#gate.of({
      ...{ api, placement, reference: this.#reference, asked: this.#asked },
      container: container.name,
    });
    const agents = new PodAgents({ api, target, placement, beforePlacing });
    const site = clusterSite({
      isKnown: true,
      agents: () => Promise.resolve(agents),
      agentsNow: () => Promise.resolve(agents),
    });
    const probes = specProbes(pod);
    return {
      ...{ name, id: uid, state: isLeaving ? "leaving" : "ready" },
      target: {
        label: `pod/${name}`,
        key: this.#keyOfPod({ name, namespace }),
        cluster: { ...this.#cluster, namespace },
        site,
        portOf: (port) => podPort(service, port, [pod]) ?? port,
        probesOf: (port) => probesOnPort(probes, port),
      },
    };
  }
}

interface SeenPod {
  readonly pod: TargetPod;
  readonly isLeaving: boolean;
}

/** The pods of a target as the last that was told of them. One that is being deleted is kept until it must be gone. */
class SeenPods implements Disposable {
  readonly #pods = new Map<string, SeenPod>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #changed = Promise.withResolvers<void>();

  get pods(): readonly SeenPod[] {
    return [...this.#pods.values()];
  }

  ready(pod: TargetPod): void {
    this.#pods.set(pod.uid, { pod, isLeaving: false });
    this.wake();
  }

  leaves(pod: TargetPod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.pod.metadata;
    if (deletionTimestamp === undefined) this.#gone(pod);
    else {
      this.#pods.set(pod.uid, { pod, isLeaving: true });
      const graceMs = (deletionGracePeriodSeconds ?? usualGraceSeconds) * 1_000 + overtimeMs;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#gone(pod);
      }, graceMs);
      this.#timers.add(timer.unref());
      this.wake();
    }
  }

  /** Settles when something has changed since it settled last. */
  async change(): Promise<void> {
    await this.#changed.promise;
    this.#changed = Promise.withResolvers();
  }

  wake(): void {
    this.#changed.resolve();
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #gone({ uid }: TargetPod): void {
    this.#pods.delete(uid);
    this.wake();
  }
}

function blindText(label: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `pods of ${label} that come or go are not seen for now: ${why}`;
}
