import type { ContainerStatus, Pod } from "../api/objects.ts";

/** How a pod stands, in a word, and why. */
export interface PodStanding {
  /** It serves: running, ready, not on its way out. */
  readonly isReady: boolean;
  /** It will not serve again: on its way out, or over. */
  readonly isOver: boolean;
  /** `Running`, `CrashLoopBackOff`, `ImagePullBackOff`, `Terminating` … as `kubectl get pods` has it. */
  readonly word: string;
  /** What is known of the reason; empty when there is nothing to say. */
  readonly because: string;
}

/** Reads a pod's state as `kubectl get pods` does (kubectl's printers.go). */
export function standingOf(pod: Pod): PodStanding {
  const { status, metadata } = pod;
  const phase = status?.phase ?? "Unknown";
  if (metadata.deletionTimestamp !== undefined)
    return { isReady: false, isOver: true, word: "Terminating", because: "it is being deleted" };
  if (phase === "Succeeded" || phase === "Failed") {
    const word = status?.reason ?? (phase === "Succeeded" ? "Completed" : "Failed");
    return { isReady: false, isOver: true, word, because: status?.message ?? endedBecause(pod) };
  }
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (phase === "Running" && ready?.status === "True")
    return { isReady: true, isOver: false, word: "Running", because: "" };
  const troubled = troubleOf(pod);
  if (troubled !== undefined) return { isReady: false, isOver: false, ...troubled };
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  const cause = phase === "Pending" && scheduled?.status === "False" ? scheduled : ready;
  return {
    isReady: false,
    isOver: false,
    word: status?.reason ?? phase,
    because: cause?.message ?? (phase === "Running" ? "it is not ready" : ""),
  };
}

/** `web-1: CrashLoopBackOff (container app: back-off 10s restarting failed container)`. */
export function standingLine(pod: Pod): string {
  const { word, because } = standingOf(pod);
  return `${pod.metadata.name}: ${word}${because === "" ? "" : ` (${because})`}`;
}

/** The first container that does not do what it should; of init containers first, since the others wait for them. */
function troubleOf({ spec, status }: Pod): { word: string; because: string } | undefined {
  const sidecars = new Set(
    (spec.initContainers ?? []).flatMap(({ name, restartPolicy }) =>
      restartPolicy === "Always" ? [name] : [],
    ),
  );
  for (const container of status?.initContainerStatuses ?? []) {
    const { waiting, terminated, running } = container.state ?? {};
    const isDone = terminated?.exitCode === 0 || (sidecars.has(container.name) && container.started === true);
    if (isDone) continue;
    const what = `init container ${container.name}`;
    const failed = waiting !== undefined ? waitingText(container) : terminated && exitText(terminated);
    if (failed !== undefined && waiting?.reason !== "PodInitializing")
      return {
        word: `Init:${waiting?.reason ?? terminated?.reason ?? "Error"}`,
        because: `${what}: ${failed}`,
      };
    return { word: "Init", because: running === undefined ? `${what} has yet to run` : `${what} still runs` };
  }
  for (const container of status?.containerStatuses ?? []) {
    const { waiting, terminated } = container.state ?? {};
    if (waiting?.reason !== undefined)
      return { word: waiting.reason, because: `container ${container.name}: ${waitingText(container)}` };
    if (terminated !== undefined)
      return {
        word: terminated.reason ?? "Error",
        because: `container ${container.name} ${exitText(terminated)}`,
      };
  }
  const unready = status?.containerStatuses?.find(({ ready }) => ready === false);
  if (unready === undefined) return undefined;
  return { word: "Running", because: `container ${unready.name} is not ready: its readiness probe fails` };
}

function waitingText({ state, lastState, restartCount }: ContainerStatus): string {
  const message = state?.waiting?.message ?? state?.waiting?.reason ?? "waiting";
  const last = lastState?.terminated;
  if (last === undefined) return message;
  return `${message}; it ${exitText(last)} the last of ${(restartCount ?? 0) + 1} times`;
}

function exitText({
  exitCode,
  signal,
  reason,
}: {
  exitCode: number;
  signal?: number;
  reason?: string;
}): string {
  const how =
    signal === undefined || signal === 0 ? `exited with ${exitCode}` : `was ended by signal ${signal}`;
  return reason === undefined || reason === "Error" || reason === "Completed" ? how : `${how}, ${reason}`;
}

function endedBecause({ status }: Pod): string {
  const failed = status?.containerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed?.state?.terminated === undefined) return "";
  return `container ${failed.name} ${exitText(failed.state.terminated)}`;
}
