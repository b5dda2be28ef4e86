import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { Pod } from "../api/objects.ts";
import { resources } from "../api/resource.ts";
import { KubernetesError } from "../errors.ts";
import type { FoundPods } from "./find-pods.ts";
import { standingLine, standingOf } from "./pod-standing.ts";
import { inOrder, type TargetPod, targetPod } from "./target-pod.ts";

/** What is told of a target's pods. Nothing is told twice. */
export interface PodFollowerEvents {
  /** A pod has become ready; also one that comes in the place of another. */
  readonly onJoin: (pod: TargetPod) => void;
  /** A pod is on its way out, over or gone. One that is only not ready for a while stays. */
  readonly onLeave: (pod: TargetPod, because: string) => void;
  /** A pod cannot be joined: in its node's network, say. */
  readonly onUnsuitable?: (error: KubernetesError) => void;
  /** The API server does not answer, or no longer lets us look: pods may come and go unseen. Tried again until it does. */
  readonly onBlind?: (error: unknown) => void;
  /** It does again, and what was missed has been told. */
  readonly onSeeing?: () => void;
}

/** How often is looked, and how patiently. */
export interface FollowingPace {
  /** How long one watch lasts. A connection that died without a word, as in a laptop's sleep, is noticed after it. */
  readonly watchSeconds: number;
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

const usualPace: FollowingPace = { watchSeconds: 60, firstPauseMs: 250, maxPauseMs: 30_000 };
/** What an API server may take longer than it was given. */
const overtimeMs = 15_000;

/**
 * Follows the ready pods of a target: rollouts, scaling, evictions. It begins with the pods that were found, and tells what
 * changes from then on until it is disposed of. A watch that breaks goes on from the version it had come to; when that is too old
 * (410 Gone) all pods are listed again, and the difference told. Pauses between failed tries double, up to `maxPauseMs`.
 */
export class PodFollower implements Disposable {
  readonly #api: KubernetesApi;
  readonly #found: FoundPods;
  readonly #events: PodFollowerEvents;
  readonly #pace: FollowingPace;
  readonly #stop = new AbortController();
  readonly #pods = new Map<string, TargetPod>();
  /** Pods that were told of as unsuitable. */
  readonly #unsuitable = new Set<string>();
  #isBlind = false;

  constructor(options: {
    readonly api: KubernetesApi;
    readonly found: FoundPods;
    readonly events: PodFollowerEvents;
    readonly pace?: Partial<FollowingPace>;
  }) {
    this.#api = options.api;
    this.#found = options.found;
    this.#events = options.events;
    this.#pace = { ...usualPace, ...options.pace };
    for (const pod of options.found.pods) this.#pods.set(pod.uid, pod);
    void this.#follow();
  }

  /** Those that have joined and not left, in a stable order, as they were last seen. */
  get pods(): readonly TargetPod[] {
    return inOrder([...this.#pods.values()]);
  }

  /** Nothing is told afterwards. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    let version: string | undefined = this.#found.resourceVersion;
    let failures = 0;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        version ??= await this.#list();
        for await (const reached of this.#watch(version)) {
          version = reached;
          failures = 0;
          this.#see();
        }
        // It ended in good order. One that ends at once, again and again, is a failure all the same.
        if (performance.now() - began >= this.#pace.firstPauseMs) {
          failures = 0;
          this.#see();
        } else failures++;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        if (error instanceof KubernetesError && error.code === "gone") version = undefined;
        // A stream that is cut is nothing to tell of when the next one opens.
        else if (failures > 1) this.#lose(error);
      }
      if (failures > 0) await sleep(this.#pauseMs(failures), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Doubles; a third of it by chance, so that many clients do not come back at once. */
  #pauseMs(failures: number): number {
    const { firstPauseMs, maxPauseMs } = this.#pace;
    const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 16));
    return pauseMs * (1 - Math.random() / 3);
  }

  /** Tells the difference between what is there and what was known. Gives the version that is. */
  async #list(): Promise<string> {
    const { labelSelector, fieldSelector, isOurs } = this.#found.selection;
    const { namespace } = this.#found;
    const { signal } = this.#stop;
    const { items, resourceVersion } = await this.#api.list<Pod>(resources.pods, {
      namespace,
      labelSelector,
      fieldSelector,
      signal,
    });
    const pods = items.filter(isOurs);
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, pod] of this.#pods) if (!there.has(uid)) this.#leave(pod, "it is gone");
    for (const pod of pods) this.#take(pod);
    this.#see();
    return resourceVersion;
  }

  /** Gives each version that it has come to. */
  async *#watch(resourceVersion: string): AsyncGenerator<string, void, undefined> {
    const { labelSelector, fieldSelector, isOurs } = this.#found.selection;
    const { namespace } = this.#found;
    const { watchSeconds } = this.#pace;
    const overtime = AbortSignal.timeout(watchSeconds * 1_000 + overtimeMs);
    const signal = AbortSignal.any([this.#stop.signal, overtime]);
    const options = {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion,
      seconds: watchSeconds,
      signal,
    };
    for await (const { type, object } of this.#api.watch<Pod>(resources.pods, options)) {
      if (this.#stop.signal.aborted) return;
      const known = this.#pods.get(object.metadata.uid ?? "");
      if (type === "DELETED") {
        if (known !== undefined) this.#leave(known, "it is gone");
        this.#unsuitable.delete(object.metadata.uid ?? "");
      } else if (type !== "BOOKMARK" && isOurs(object)) this.#take(object);
      yield object.metadata.resourceVersion ?? resourceVersion;
    }
  }

  #take(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const { isReady, isOver } = standingOf(pod);
    const known = this.#pods.get(uid);
    if (isOver) {
      if (known !== undefined) this.#leave({ ...known, pod, isReady }, standingLine(pod));
      return;
    }
    if (known === undefined && !isReady) return;
    if (this.#unsuitable.has(uid)) return;
    try {
      const seen = targetPod(pod, this.#found.wish);
      this.#pods.set(uid, known === undefined ? seen : { ...seen, container: known.container });
      if (known === undefined) this.#events.onJoin(seen);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      this.#unsuitable.add(uid);
      this.#events.onUnsuitable?.(error);
    }
  }

  #leave(pod: TargetPod, because: string): void {
    this.#pods.delete(pod.uid);
    this.#events.onLeave(pod, because);
  }

  #lose(error: unknown): void {
    if (this.#isBlind) return;
    this.#isBlind = true;
    this.#events.onBlind?.(error);
  }

  #see(): void {
    if (!this.#isBlind) return;
    this.#isBlind = false;
    this.#events.onSeeing?.();
  }
}
