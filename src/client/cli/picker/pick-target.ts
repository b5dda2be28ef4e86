import { ClientError } from "../../errors.ts";
import type { OwnSession } from "../../own-sessions/index.ts";
import { clusterChoiceOf, type ClusterChoice } from "../../target/index.ts";
import { paintFor } from "../../text/paint.ts";
import { PickList, type PickItem } from "./pick-list.ts";
import { pick } from "./pick-prompt.ts";
import { itemsOfCluster, itemsOfMachine, itemsOfProcesses, itemsOfSessions } from "./target-items.ts";

/** What was chosen, as flags would say it. */
export interface PickedTarget {
  readonly target: string;
  /** Of a target of a cluster. */
  readonly namespace?: string;
}

/**
 * Asks on the terminal which target is meant; undefined when that was left. The list is there at once, and fills as sessions, this
 * machine and the cluster answer. A target with several containers that may be the app is followed by the question which one.
 */
export async function pickTarget(about: {
  readonly flags: ClusterChoice;
  readonly signal: AbortSignal;
}): Promise<PickedTarget | undefined> {
  const { flags } = about;
  const over = new AbortController();
  const signal = AbortSignal.any([about.signal, over.signal]);
  const list = new PickList();
  const paint = paintFor(process.stderr, process.env);
  const sessions = await ownSessions();
  list.add(itemsOfSessions(sessions.filter(({ cluster }) => !isOfCluster(cluster))));
  const choice = clusterChoiceOf(flags);
  const isClusterMeant = isOfCluster(choice);
  const seesAll = { isAsked: false };
  const askCluster = (namespaces: "one" | "all"): Promise<void> =>
    list.ask(namespaces === "one" ? "the cluster" : "all namespaces", async () => {
      const { listCluster } = await import("../actions/targets.ts");
      const found = await listCluster({ ...choice, allNamespaces: namespaces === "all" }, signal);
      if (found === undefined) seesAll.isAsked = true;
      return itemsOfCluster(found?.targets ?? [], sessions);
    });
  const asked = [askCluster("one")];
  if (!isClusterMeant) {
    asked.push(
      list.ask("this machine", async () => {
        const { listLocalTargets } = await import("../../targets/local-targets.ts");
        return itemsOfMachine(await listLocalTargets({ signal }), sessions);
      }),
      list.ask("processes", async () => {
        const { listListeningProcesses } = await import("../../targets/listening-processes.ts");
        return itemsOfProcesses(listListeningProcesses());
      }),
    );
  }
  try {
    const item = await pick(
      {
        question: "Which target?",
        list,
        paint,
        tab: {
          text: () => (seesAll.isAsked ? undefined : "Tab all namespaces"),
          press: () => {
            if (seesAll.isAsked) return;
            seesAll.isAsked = true;
            void askCluster("all");
          },
        },
      },
      signal,
    );
    if (item === undefined) return undefined;
    const target = await withContainer(item, { paint, signal });
    if (target === undefined) return undefined;
    return { target, ...(item.namespace === undefined ? {} : { namespace: item.namespace }) };
  } finally {
    over.abort();
    // Whoever is still being asked hears that; what comes of it is nothing to anybody.
    await Promise.allSettled(asked);
  }
}

async function withContainer(
  { value, containers }: PickItem,
  about: { paint: ReturnType<typeof paintFor>; signal: AbortSignal },
): Promise<string | undefined> {
  const apps = containers.filter(({ sidecar }) => sidecar === undefined);
  if (apps.length < 2) return value;
  const list = new PickList();
  list.add(
    containers.map(({ name, sidecar }, index) => ({
      value: name,
      rank: sidecar === undefined ? 0 : 1,
      about: [sidecar ?? (index === containers.indexOf(apps[0] ?? { name, sidecar }) ? "the first" : "")],
      isDim: sidecar !== undefined,
      containers: [],
      namespace: undefined,
    })),
  );
  const question = `Which container of ${value}?`;
  const item = await pick({ question, list, paint: about.paint }, about.signal);
  return item === undefined ? undefined : `${value}/container/${item.value}`;
}

function isOfCluster({ namespace, context, kubeconfig }: ClusterChoice): boolean {
  return [namespace, context, kubeconfig].some((one) => one !== undefined);
}

async function ownSessions(): Promise<readonly OwnSession[]> {
  const { OwnSessions } = await import("../../own-sessions/index.ts");
  try {
    return new OwnSessions().list();
  } catch (error) {
    // Where they cannot be read, there are none to show.
    if (error instanceof ClientError) return [];
    throw error;
  }
}
