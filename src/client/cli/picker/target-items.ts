import type { ListedTarget } from "../../../kubernetes/index.ts";
import type { OwnSession } from "../../own-sessions/index.ts";
import type { LocalListing } from "../../targets/local-targets.ts";
import type { ListeningProcess } from "../../targets/listening-processes.ts";
import type { PickItem } from "./pick-list.ts";

/** In which order what is found is shown. */
const ranks = { yours: 0, workload: 1, service: 2, pod: 3, namespace: 4, container: 5, process: 6 } as const;

/** Targets on which this user has sessions, each once. */
export function itemsOfSessions(sessions: readonly OwnSession[]): PickItem[] {
  const byTarget = Map.groupBy(sessions, labelOf);
  return [...byTarget].map(([value, all]) => ({
    value,
    rank: ranks.yours,
    about: ["", "", all.length === 1 ? "a session of yours" : `${all.length} sessions of yours`],
    isDim: false,
    containers: [],
    namespace: all[0]?.cluster.namespace,
  }));
}

function labelOf({ whole, targetLabel }: OwnSession): string {
  return whole?.label ?? targetLabel;
}

/** What of a cluster can be a target; pods that belong to something else in the list come behind it. */
export function itemsOfCluster(
  targets: readonly ListedTarget[],
  sessions: readonly OwnSession[],
): PickItem[] {
  const yours = new Set(sessions.map(labelOf).map((label) => label.replace(/\/container\/[^/]*$/, "")));
  const known = new Set(
    targets.filter(({ kind }) => kind !== "pod" && kind !== "service").flatMap(({ pods }) => pods),
  );
  return targets.map((target) => {
    const { kind, ready, wanted, state, containers, namespace, name, agents } = target;
    const isYours = yours.has(target.target);
    const rank = kind === "pod" && known.has(name) ? ranks.pod : rankOf(kind);
    const facts = [
      state || `${ready}/${wanted} ready`,
      containersText(containers),
      ...(isYours ? ["a session of yours"] : agents > 0 ? ["agent running"] : []),
    ];
    return {
      value: target.target,
      rank: isYours ? ranks.yours : rank,
      about: [namespace, ...facts],
      isDim: ready === 0,
      containers,
      namespace,
    };
  });
}

function rankOf(kind: ListedTarget["kind"]): number {
  return kind === "service" ? ranks.service : ranks.workload;
}

function containersText(containers: ListedTarget["containers"]): string {
  const apps = containers.filter(({ sidecar }) => sidecar === undefined);
  const shown = apps.length === 0 ? containers : apps;
  const others = containers.length - shown.length;
  return `${shown.map(({ name }) => name).join(", ")}${others === 0 ? "" : ` +${others}`}`;
}

/** Network namespaces and containers of this machine. */
export function itemsOfMachine(listed: readonly LocalListing[], sessions: readonly OwnSession[]): PickItem[] {
  const yours = new Set(sessions.map(labelOf));
  return listed.map(({ target, image, tool, isRunning, hasAgent }) => ({
    value: target,
    rank: yours.has(target) ? ranks.yours : target.startsWith("netns:") ? ranks.namespace : ranks.container,
    about: [
      "this machine",
      isRunning ? (tool === "" ? "network namespace" : tool) : "stopped",
      yours.has(target) ? "a session of yours" : hasAgent ? "agent running" : image,
    ],
    isDim: !isRunning,
    containers: [],
    namespace: undefined,
  }));
}

/** Processes of this machine that listen. */
export function itemsOfProcesses(processes: readonly ListeningProcess[]): PickItem[] {
  return processes.map(({ pid, name, ports, isElsewhere }) => ({
    value: `pid:${pid}`,
    rank: ranks.process,
    about: [
      "this machine",
      `listens on ${ports.slice(0, maxPorts).join(", ")}${ports.length > maxPorts ? ", …" : ""}`,
      isElsewhere ? `${name}, in a network namespace of its own` : name,
    ],
    isDim: false,
    containers: [],
    namespace: undefined,
  }));
}

const maxPorts = 4;
