import type { Container, ContainerStatus, EphemeralContainer, Pod } from "../api/objects.ts";
import { agentProgram, ofContainer } from "./agent-arguments.ts";

/** Where an agent runs: the container that a ticket is asked for in. */
export interface AgentPlace {
  readonly form: "ephemeral" | "pod";
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /**
   * Whose processes it sees: a container of the target by its name, of an agent that is a pod by its id. Undefined where that is not
   * said.
   */
  readonly app: string | undefined;
  /** Which one it is, for people. */
  readonly name: string;
}

/** Labels of an agent that is a pod of its own. */
export const agentPodLabels = {
  "app.kubernetes.io/name": "magpie-agent",
  "app.kubernetes.io/managed-by": "magpie",
} as const;

/** The label that says beside which pod it is, by that pod's uid. */
export const targetLabel = "magpie.dev/target-uid";

/**
 * The agents among the ephemeral containers of a pod that run, whatever they are called: the newest first. Whoever put them there
 * may have named the image or the container as they liked, so what is run counts.
 */
export function ephemeralAgents(pod: Pod): AgentPlace[] {
  const since = new Map(
    (pod.status?.ephemeralContainerStatuses ?? []).flatMap(({ name, state }) =>
      state?.running === undefined ? [] : [[name, state.running.startedAt ?? ""]],
    ),
  );
  // A patch puts new ones in front (strategicpatch), other writers may put them anywhere.
  return (pod.spec.ephemeralContainers ?? [])
    .filter((container) => since.has(container.name) && runsAgent(container))
    .toSorted((a, b) => (since.get(b.name) ?? "").localeCompare(since.get(a.name) ?? ""))
    .map((container) => placeIn(pod, container));
}

/** Those that have been added and do not run yet, nor have run, in the order of the spec. */
export function pendingAgents(pod: Pod): AgentPlace[] {
  const states = new Map(pod.status?.ephemeralContainerStatuses?.map(({ name, state }) => [name, state]));
  return (pod.spec.ephemeralContainers ?? [])
    .filter((container) => {
      const state = states.get(container.name);
      return runsAgent(container) && state?.running === undefined && state?.terminated === undefined;
    })
    .map((container) => placeIn(pod, container));
}

/** Those that have run and ended, the latest first. */
export function endedAgents(pod: Pod): AgentPlace[] {
  const ends = new Map(
    (pod.status?.ephemeralContainerStatuses ?? []).flatMap(({ name, state }) =>
      state?.terminated === undefined ? [] : [[name, state.terminated.finishedAt ?? ""]],
    ),
  );
  return (pod.spec.ephemeralContainers ?? [])
    .filter((container) => ends.has(container.name) && runsAgent(container))
    .toSorted((a, b) => (ends.get(b.name) ?? "").localeCompare(ends.get(a.name) ?? ""))
    .map((container) => placeIn(pod, container));
}

/** The place of an ephemeral container. */
export function placeIn(
  pod: Pod,
  { name: container, targetContainerName: app }: Pick<EphemeralContainer, "name" | "targetContainerName">,
): AgentPlace {
  const { name, namespace = "default" } = pod.metadata;
  return {
    form: "ephemeral",
    namespace,
    pod: name,
    container,
    app,
    name: `container ${container} of pod ${name}`,
  };
}

/** The agents among pods that were made for a target and run. */
export function podAgents(pods: readonly Pod[]): AgentPlace[] {
  return pods
    .filter(({ metadata, status }) => status?.phase === "Running" && metadata.deletionTimestamp === undefined)
    .map(placeOfPod)
    .toReversed();
}

/** The place of an agent that is a pod. */
export function placeOfPod(pod: Pod): AgentPlace {
  const { name, namespace = "default" } = pod.metadata;
  const [first] = pod.spec.containers;
  const args = first?.args ?? [];
  const app = args[args.indexOf(ofContainer) + 1];
  const container = first?.name ?? "agent";
  return { form: "pod", namespace, pod: name, container, app, name: `pod ${name}` };
}

/** Whether an agent sees the processes of a container of its target; where that is not said, it is tried. */
export function seesContainer({ form, app }: AgentPlace, target: Pod, container: string): boolean {
  if (app === undefined) return true;
  const own = form === "ephemeral" ? container : statusOf(target, container)?.containerID;
  return own === undefined || own === app;
}

/** What is known of a container. */
export function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const { ephemeralContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...ephemeralContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

function runsAgent({ command = [], args = [], image = "" }: Container): boolean {
  const words = [...command, ...args];
  const isOurs = words.some((word) => word.split("/").at(-1)?.startsWith(agentProgram) === true);
  return (isOurs || image.includes(agentProgram)) && words.includes("run");
}
