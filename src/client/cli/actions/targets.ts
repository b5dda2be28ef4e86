import { textOfLine } from "../../json-lines/index.ts";
import type { ListedTarget, TargetList } from "../../../kubernetes/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import type { OwnSession, OwnSessions } from "../../own-sessions/index.ts";
import { clusterError } from "../../target/index.ts";
import { clusterLines, listLocalTargets, localLines } from "../../targets/index.ts";
import type { Paint } from "../../text/paint.ts";
import type { TargetsFlags } from "../commands/targets.ts";
import { answered } from "./question.ts";
import { tellError, tellNote } from "./terminal.ts";

type ClusterFlags = Pick<TargetsFlags, "namespace" | "context" | "kubeconfig" | "allNamespaces">;

/** What of a cluster was found. */
interface ClusterListing extends TargetList {
  readonly context: string;
  /** Undefined where all are listed. */
  readonly namespace: string | undefined;
  /** That of the context, in which sessions are that name none. */
  readonly usualNamespace: string;
}

/** Runs `magpie targets`; gives the exit code. What is of this machine is listed whether there is a cluster or not. */
export function runTargets(flags: TargetsFlags): Promise<number> {
  return answered(flags, async ({ own, signal, writeLine, paint }) => {
    const [cluster, local] = await Promise.all([
      listCluster(flags, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof ClientError) return error;
        throw error;
      }),
      asksForCluster(flags) ? [] : listLocalTargets({ signal }),
    ]);
    const sessions = sessionsOf(own);
    const here = local.map((listed) => ({
      ...listed,
      own: sessions.filter(({ targetLabel }) => targetLabel === listed.target).length,
    }));
    if (flags.output === "json") {
      if (cluster instanceof ClientError) throw cluster;
      const { context = null, namespace = null, targets = [], hidden = [] } = cluster ?? {};
      const marked = targets.map((target) => ({
        ...target,
        own: ownOn(target, { cluster, sessions, flags }),
      }));
      const found = { context, namespace, targets: marked, local: here, hidden };
      writeLine(textOfLine({ event: "targets", ...found }));
      return exitCodes.ok;
    }
    const there = cluster instanceof ClientError ? undefined : cluster;
    const tables = [clusterTable(there, { sessions, flags, paint }), localLines(here, paint)];
    const lines = tables
      .filter((table) => table.length > 0)
      .flatMap((table, index) => (index === 0 ? table : ["", ...table]));
    for (const line of lines) writeLine(line);
    for (const one of there?.hidden ?? []) tellNote(`not listed: ${one}`, "yellow");
    if (cluster instanceof ClientError) {
      tellError(cluster);
      return exitCodeOf(cluster.code);
    }
    if (lines.length === 0 || there?.targets.length === 0) tellNote(nothingText(there));
    return exitCodes.ok;
  });
}

/** Undefined where nothing names a cluster, and nobody asked for one. @throws ClientError */
export async function listCluster(
  flags: ClusterFlags,
  signal: AbortSignal,
): Promise<ClusterListing | undefined> {
  const { kubeconfig, context, allNamespaces } = flags;
  const { findCluster, KubernetesApi, KubernetesError, listTargets } = await import(
    "../../../kubernetes/index.ts"
  );
  try {
    const usual = await findCluster({ kubeconfig, context });
    using api = new KubernetesApi({ ...usual, namespace: flags.namespace ?? usual.namespace });
    const namespace = allNamespaces ? undefined : api.cluster.namespace;
    const list = await listTargets(api, { namespace, signal });
    return { ...list, context: usual.context, namespace, usualNamespace: usual.namespace };
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.code === "no-cluster" && !asksForCluster(flags)) return undefined;
    throw clusterError(error);
  }
}

/** Whoever says which cluster, or which part of it, does not ask for what is of this machine. */
function asksForCluster({ namespace, context, kubeconfig, allNamespaces }: ClusterFlags): boolean {
  return allNamespaces || [namespace, context, kubeconfig].some((flag) => flag !== undefined);
}

interface About {
  readonly sessions: readonly OwnSession[];
  readonly flags: TargetsFlags;
}

function clusterTable(
  cluster: ClusterListing | undefined,
  about: About & { readonly paint: Paint },
): string[] {
  const { flags, paint } = about;
  const targets = cluster?.targets ?? [];
  // Pods of what is listed above them would hide it.
  const owned = new Set(
    targets.flatMap(({ kind, namespace, pods }) =>
      kind === "pod" || kind === "service" ? [] : pods.map((name) => `${namespace}/${name}`),
    ),
  );
  const shown = targets.filter(
    ({ kind, namespace, name }) => flags.pods || kind !== "pod" || !owned.has(`${namespace}/${name}`),
  );
  const marked = shown.map((target) => ({ ...target, own: ownOn(target, { ...about, cluster }) }));
  return clusterLines(marked, { allNamespaces: flags.allNamespaces, paint });
}

/** How many sessions of this user name that target, in that namespace of that cluster. */
function ownOn(
  target: ListedTarget,
  about: About & { readonly cluster: ClusterListing | undefined },
): number {
  const { cluster, sessions, flags } = about;
  return sessions.filter((session) => {
    const { context = cluster?.context, namespace = cluster?.usualNamespace, kubeconfig } = session.cluster;
    const isSame = kubeconfig === flags.kubeconfig && context === cluster?.context;
    const label = session.targetLabel.replace(/\/container\/[^/]*$/, "");
    return isSame && namespace === target.namespace && label === target.target;
  }).length;
}

/** Where they cannot be read, there are none to show. */
function sessionsOf(own: OwnSessions): readonly OwnSession[] {
  try {
    return own.list();
  } catch (error) {
    if (error instanceof ClientError && error.code === "local-data") return [];
    throw error;
  }
}

function nothingText(cluster: ClusterListing | undefined): string {
  if (cluster === undefined)
    return "nothing: no kubeconfig names a cluster, and this machine has no named network namespace and no container";
  const where = cluster.namespace === undefined ? "any namespace" : `namespace ${cluster.namespace}`;
  return `nothing in ${where} (context ${cluster.context})${cluster.namespace === undefined ? "" : "; --all-namespaces lists the others"}`;
}
