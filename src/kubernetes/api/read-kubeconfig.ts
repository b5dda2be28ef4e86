import { dirname, resolve } from "node:path";
import { KubernetesError } from "../errors.ts";
import { readYaml } from "./client-library.ts";
import type { ClusterEntry, ContextEntry, ExecEntry, Kubeconfig, UserEntry } from "./kubeconfig-entries.ts";

/**
 * Reads the text of one kubeconfig (YAML or JSON). Relative paths in it are relative to the file's folder.
 * Entries without a name, and entries of a form we do not know, are left out: kubectl does so too, and complains on use.
 * @throws KubernetesError `kubeconfig` when it is no YAML mapping.
 */
export async function readKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  const folder = dirname(resolve(path));
  let document: unknown;
  try {
    document = await readYaml(text);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new KubernetesError("kubeconfig", `the kubeconfig ${path} is no YAML: ${why}`, { cause });
  }
  // An empty file is what `kubectl config unset` may leave behind.
  if (document === undefined || document === null) document = {};
  if (!isFields(document)) throw new KubernetesError("kubeconfig", `the kubeconfig ${path} is no mapping`);
  return {
    currentContext: textOf(document["current-context"]),
    contexts: entries(document["contexts"], "context", readContext),
    clusters: entries(document["clusters"], "cluster", (name, fields) => readCluster(name, fields, folder)),
    users: entries(document["users"], "user", (name, fields) => readUser(name, fields, folder)),
  };
}

/** Several kubeconfigs as one: of each name the first counts, as with kubectl. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merge = <Entry>(pick: (config: Kubeconfig) => ReadonlyMap<string, Entry>) =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]));
  return {
    currentContext: configs.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    contexts: merge(({ contexts }) => contexts),
    clusters: merge(({ clusters }) => clusters),
    users: merge(({ users }) => users),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function entries<Entry>(
  list: unknown,
  key: string,
  read: (name: string, fields: Fields) => Entry | undefined,
): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    if (!isFields(item)) continue;
    const name = textOf(item["name"]);
    const fields = item[key];
    // A user may be empty: whoever needs no login has none.
    const entry = name === undefined ? undefined : read(name, isFields(fields) ? fields : {});
    if (name !== undefined && entry !== undefined && !found.has(name)) found.set(name, entry);
  }
  return found;
}

function readContext(name: string, fields: Fields): ContextEntry {
  return {
    name,
    cluster: textOf(fields["cluster"]) ?? "",
    user: textOf(fields["user"]) ?? "",
    namespace: textOf(fields["namespace"]),
  };
}

function readCluster(name: string, fields: Fields, folder: string): ClusterEntry | undefined {
  const server = textOf(fields["server"]);
  if (server === undefined) return undefined;
  return {
    name,
    // A server without a scheme is http to kubectl.
    server: (/^https?:\/\//.test(server) ? server : `http://${server}`).replace(/\/+$/, ""),
    caFile: pathOf(fields["certificate-authority"], folder),
    caData: textOf(fields["certificate-authority-data"]),
    skipTlsVerify: fields["insecure-skip-tls-verify"] === true,
    tlsServerName: textOf(fields["tls-server-name"]),
    proxyUrl: textOf(fields["proxy-url"]),
  };
}

function readUser(name: string, fields: Fields, folder: string): UserEntry {
  const authProvider = fields["auth-provider"];
  return {
    name,
    certFile: pathOf(fields["client-certificate"], folder),
    certData: textOf(fields["client-certificate-data"]),
    keyFile: pathOf(fields["client-key"], folder),
    keyData: textOf(fields["client-key-data"]),
    token: textOf(fields["token"]),
    tokenFile: pathOf(fields["tokenFile"], folder),
    username: textOf(fields["username"]),
    password: textOf(fields["password"]),
    impersonate: {
      user: textOf(fields["as"]),
      uid: textOf(fields["as-uid"]),
      groups: textsOf(fields["as-groups"]),
    },
    exec: readExec(fields["exec"], folder),
    authProvider: isFields(authProvider) ? authProvider : undefined,
  };
}

function readExec(value: unknown, folder: string): ExecEntry | undefined {
  if (!isFields(value)) return undefined;
  const command = textOf(value["command"]);
  if (command === undefined) return undefined;
  const env = Array.isArray(value["env"]) ? (value["env"] as unknown[]) : [];
  return {
    apiVersion: textOf(value["apiVersion"]) ?? "client.authentication.k8s.io/v1",
    // A bare name is looked up in PATH, anything with a slash is relative to the kubeconfig.
    command: command.includes("/") ? resolve(folder, command) : command,
    args: textsOf(value["args"]),
    env: env.filter(isFields).flatMap((item) => {
      const name = textOf(item["name"]);
      return name === undefined ? [] : [{ name, value: textOf(item["value"]) ?? "" }];
    }),
    installHint: textOf(value["installHint"]),
    provideClusterInfo: value["provideClusterInfo"] === true,
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that says something. YAML reads an unquoted number as one, as in a name of digits only. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  return list.flatMap((item) => textOf(item) ?? []);
}

function pathOf(value: unknown, folder: string): string | undefined {
  const path = textOf(value);
  return path === undefined ? undefined : resolve(folder, path);
}
