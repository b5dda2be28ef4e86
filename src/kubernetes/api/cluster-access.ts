import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubernetesError } from "../errors.ts";
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from "./kubeconfig-entries.ts";
import { mergeKubeconfigs, readKubeconfig } from "./read-kubeconfig.ts";

/** What the flags of that name say; each may be absent. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Which cluster, as whom, and in which namespace unless another is named. */
export interface ClusterAccess {
  /** `in-cluster` where no kubeconfig was read. */
  readonly context: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
  readonly namespace: string;
  /** The files it was read from, for messages. */
  readonly sources: readonly string[];
}

/**
 * Finds the cluster that is meant, in kubectl's order: `--kubeconfig`, else the files of KUBECONFIG, else `~/.kube/config`,
 * else the service account of the pod we run in. Nothing is asked of the cluster yet.
 * @throws KubernetesError `no-cluster` when nothing names one; `kubeconfig`; with an unknown context, `candidates` are those there are
 */
export async function findCluster(
  flags: ClusterFlags = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ClusterAccess> {
  const { config, sources, named } = await loadKubeconfig(flags, environment);
  if (config === undefined) {
    const own = await serviceAccount(environment, flags.namespace);
    if (own !== undefined && flags.context === undefined) return own;
    const code = named || flags.context !== undefined ? "kubeconfig" : "no-cluster";
    const where = named ? `${sources.join(", ")} cannot be read` : `there is none at ${sources.join(", ")}`;
    throw new KubernetesError(code, `no kubeconfig says which cluster is meant: ${where}`, {
      hint: "Name one by --kubeconfig or KUBECONFIG; whoever runs the cluster can give you one.",
    });
  }
  const name = flags.context ?? config.currentContext;
  const context = contextNamed(name, config, sources);
  const cluster = config.clusters.get(context.cluster);
  if (cluster === undefined) {
    throw new KubernetesError(
      "kubeconfig",
      `context ${context.name} names the cluster ${JSON.stringify(context.cluster)}, which ${sources.join(", ")} does not describe`,
      { hint: "`kubectl config view` shows what is there.", candidates: [...config.clusters.keys()] },
    );
  }
  const user = config.users.get(context.user);
  if (user === undefined && context.user !== "") {
    throw new KubernetesError(
      "kubeconfig",
      `context ${context.name} names the user ${JSON.stringify(context.user)}, which ${sources.join(", ")} does not describe`,
      { hint: "`kubectl config view` shows what is there.", candidates: [...config.users.keys()] },
    );
  }
  const namespace = flags.namespace ?? context.namespace ?? "default";
  return { context: context.name, cluster, user: user ?? nobody(""), namespace, sources };
}

interface Loaded {
  readonly config: Kubeconfig | undefined;
  readonly sources: readonly string[];
  /** Somebody said where it is. */
  readonly named: boolean;
}

async function loadKubeconfig(flags: ClusterFlags, environment: NodeJS.ProcessEnv): Promise<Loaded> {
  if (flags.kubeconfig !== undefined) {
    const path = flags.kubeconfig;
    const text = await textOf(path);
    if (text === undefined) throw new KubernetesError("kubeconfig", `the kubeconfig ${path} does not exist`);
    return { config: await readKubeconfig(text, path), sources: [path], named: true };
  }
  const listed = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  const paths = listed.length > 0 ? listed : [join(environment["HOME"] ?? homedir(), ".kube", "config")];
  const configs: Kubeconfig[] = [];
  const sources: string[] = [];
  for (const path of paths) {
    const text = await textOf(path);
    // kubectl passes over files that are not there, too.
    if (text === undefined) continue;
    configs.push(await readKubeconfig(text, path));
    sources.push(path);
  }
  const named = listed.length > 0;
  if (configs.length === 0) return { config: undefined, sources: paths, named };
  return { config: mergeKubeconfigs(configs), sources, named };
}

/** Undefined when there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubernetesError("kubeconfig", `the kubeconfig ${path} cannot be read: ${why}`, { cause });
  }
}

function contextNamed(
  name: string | undefined,
  config: Kubeconfig,
  sources: readonly string[],
): ContextEntry {
  const names = [...config.contexts.keys()];
  const where = sources.join(", ");
  if (name === undefined) {
    throw new KubernetesError("kubeconfig", `${where} names no current context`, {
      hint:
        names.length === 0
          ? "It holds no context at all; name another file by --kubeconfig or KUBECONFIG."
          : `Name one by --context, or by \`kubectl config use-context\`. There are: ${names.join(", ")}.`,
    });
  }
  const context = config.contexts.get(name);
  if (context !== undefined) return context;
  throw new KubernetesError("kubeconfig", `${where} has no context ${JSON.stringify(name)}`, {
    sought: name,
    candidates: names,
  });
}

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What every pod is given to talk to its own cluster, unless its spec says otherwise. */
async function serviceAccount(
  environment: NodeJS.ProcessEnv,
  namespace: string | undefined,
): Promise<ClusterAccess | undefined> {
  const host = environment["KUBERNETES_SERVICE_HOST"];
  const port = environment["KUBERNETES_SERVICE_PORT"];
  if (!host || !port) return undefined;
  const tokenFile = `${accountFolder}/token`;
  if ((await textOf(tokenFile)) === undefined) return undefined;
  const ownNamespace = (await textOf(`${accountFolder}/namespace`))?.trim();
  return {
    context: "in-cluster",
    cluster: {
      name: "in-cluster",
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      caFile: `${accountFolder}/ca.crt`,
      caData: undefined,
      skipTlsVerify: false,
      tlsServerName: undefined,
      proxyUrl: undefined,
    },
    user: { ...nobody("service account"), tokenFile },
    namespace: namespace ?? ownNamespace ?? "default",
    sources: [accountFolder],
  };
}

function nobody(name: string): UserEntry {
  return {
    name,
    certFile: undefined,
    certData: undefined,
    keyFile: undefined,
    keyData: undefined,
    token: undefined,
    tokenFile: undefined,
    username: undefined,
    password: undefined,
    impersonate: { user: undefined, uid: undefined, groups: [] },
    exec: undefined,
    authProvider: undefined,
  };
}
