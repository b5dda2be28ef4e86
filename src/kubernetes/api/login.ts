import { readFile } from "node:fs/promises";
import { Agent as HttpAgent, type OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { getCACertificates } from "node:tls";
import { KubernetesError } from "../errors.ts";
import {
  type LibraryLogin,
  libraryLogin,
  type LoginOptions,
  type PluginRunner,
  pluginRunner,
} from "./client-library.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import type { ExecEntry } from "./kubeconfig-entries.ts";

/** How a request is made: over which connections, and who asks. */
export interface Way {
  readonly agent: HttpAgent;
  readonly headers: OutgoingHttpHeaders;
  /** Which login it is of: see `Login.forget`. */
  readonly generation: number;
}

/** How many connections to one API server at most; further calls wait for one of them. Streams hold one each. */
const maxSockets = 64;

/**
 * Logs in to a cluster as its kubeconfig says: certificate, token, token file, password, credential plugin, `auth-provider`;
 * and keeps the connections. A new certificate from a plugin means new connections.
 */
export class Login implements Disposable {
  readonly #access: ClusterAccess;
  readonly #environment: NodeJS.ProcessEnv;
  #plugins: PluginRunner | undefined;
  /** What is being asked of a plugin: many calls at once ask it once. */
  #asking: Promise<LoginOptions> | undefined;
  #generation = 0;
  #library: LibraryLogin | undefined;
  #kept: { readonly identity: string; readonly agent: HttpAgent } | undefined;

  constructor(access: ClusterAccess, environment: NodeJS.ProcessEnv = process.env) {
    this.#access = access;
    this.#environment = environment;
  }

  /**
   * What the next request needs. A plugin may take its time, and ask somebody to log in in a browser.
   * @throws KubernetesError `credentials` or `kubeconfig`; the signal's reason
   */
  async way(signal?: AbortSignal): Promise<Way> {
    const { user } = this.#access;
    const generation = this.#generation;
    this.#asking ??= this.#given().finally(() => (this.#asking = undefined));
    const given = await untilAborted(this.#asking, signal);
    const headers: OutgoingHttpHeaders = {};
    const bearer =
      user.tokenFile === undefined ? user.token : (await readOwn(user.tokenFile)).toString().trim();
    if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`;
    else if (user.username !== undefined) {
      const pair = Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64");
      headers["authorization"] = `Basic ${pair}`;
    }
    Object.assign(headers, lowerCase(given.headers), this.#impersonation());
    if (given.agent instanceof HttpAgent) return { agent: given.agent, headers, generation };
    return { agent: await this.#agent(given), headers, generation };
  }

  /**
   * Forgets what plugins gave, since the cluster did not take it; what they have given since then is kept. True when asking again
   * may help.
   */
  forget(refused: Way): boolean {
    if (refused.generation < this.#generation) return true;
    const mayHelp = this.#plugins !== undefined || this.#access.user.tokenFile !== undefined;
    this.#generation++;
    this.#plugins = undefined;
    this.#asking = undefined;
    return mayHelp;
  }

  [Symbol.dispose](): void {
    this.#kept?.agent.destroy();
    this.#kept = undefined;
  }

  async #given(): Promise<LoginOptions> {
    const { user, cluster } = this.#access;
    try {
      if (user.authProvider !== undefined || this.#proxy() !== undefined) {
        const proxied = { ...cluster, proxyUrl: this.#proxy() };
        this.#library ??= await libraryLogin(proxied, user);
        return await this.#library.login();
      }
      if (user.exec === undefined) return {};
      this.#plugins ??= await pluginRunner();
      return await this.#plugins.login(user, this.#toldOfCluster(user.exec));
    } catch (cause) {
      throw this.#loginError(cause);
    }
  }

  /** Plugins are told by this variable which version of the protocol is spoken, and with whom. */
  #toldOfCluster(exec: ExecEntry): ExecEntry {
    const { server, tlsServerName, skipTlsVerify, caData } = this.#access.cluster;
    const cluster = {
      server,
      ...(tlsServerName === undefined ? {} : { "tls-server-name": tlsServerName }),
      ...(skipTlsVerify ? { "insecure-skip-tls-verify": true } : {}),
      ...(caData === undefined ? {} : { "certificate-authority-data": caData }),
    };
    const information = {
      kind: "ExecCredential",
      apiVersion: exec.apiVersion,
      spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster } : {}) },
    };
    const told = { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(information) };
    return { ...exec, env: [told, ...exec.env] };
  }

  /** `proxy-url` of the kubeconfig, else HTTPS_PROXY and NO_PROXY as kubectl reads them. */
  #proxy(): string | undefined {
    const { proxyUrl, server } = this.#access.cluster;
    if (proxyUrl !== undefined) return proxyUrl;
    const { protocol, hostname } = new URL(server);
    const variable = (name: string) =>
      this.#environment[name.toUpperCase()] || this.#environment[name] || undefined;
    const proxy = variable(protocol === "https:" ? "https_proxy" : "http_proxy");
    if (proxy === undefined || isLoopback(hostname)) return undefined;
    const excepted = (variable("no_proxy") ?? "").split(",").map((name) => name.trim().replace(/^\*?\./, ""));
    const isExcepted = excepted.some(
      (name) => name === "*" || (name !== "" && (hostname === name || hostname.endsWith(`.${name}`))),
    );
    return isExcepted ? undefined : proxy;
  }

  #impersonation(): OutgoingHttpHeaders {
    const { user, uid, groups } = this.#access.user.impersonate;
    return {
      ...(user === undefined ? {} : { "impersonate-user": user }),
      ...(uid === undefined ? {} : { "impersonate-uid": uid }),
      ...(groups.length === 0 ? {} : { "impersonate-group": [...groups] }),
    };
  }

  async #agent(given: LoginOptions): Promise<HttpAgent> {
    const { cluster, user } = this.#access;
    const identity = JSON.stringify([given.cert ?? null, given.key ?? null]);
    if (this.#kept?.identity === identity) return this.#kept.agent;
    const ca = await bytesOf(cluster.caFile, cluster.caData);
    const cert = given.cert ?? (await bytesOf(user.certFile, user.certData));
    const key = given.key ?? (await bytesOf(user.keyFile, user.keyData));
    const connections = { keepAlive: true, maxSockets, keepAliveMsecs: 30_000 };
    const agent = cluster.server.startsWith("http:")
      ? new HttpAgent(connections)
      : new HttpsAgent({
          ...connections,
          // kubectl then trusts whom this machine trusts.
          ca: ca ?? [...getCACertificates("default"), ...getCACertificates("system")],
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
          ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
          ...(cluster.skipTlsVerify ? { rejectUnauthorized: false } : {}),
        });
    // Streams on the connections before go on; idle ones of it close by themselves.
    this.#kept = { identity, agent };
    return agent;
  }

  #loginError(cause: unknown): KubernetesError {
    if (cause instanceof KubernetesError) return cause;
    const { user, context } = this.#access;
    const command = user.exec?.command;
    const why = cause instanceof Error ? cause.message.trim() : String(cause);
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (command !== undefined && isMissing) {
      return new KubernetesError(
        "credentials",
        `the credential plugin ${command} of user ${user.name} is not installed`,
        {
          hint: user.exec?.installHint ?? `Install it, or log in to context ${context} in another way.`,
          cause,
        },
      );
    }
    const what = command === undefined ? "logging in" : `the credential plugin ${command}`;
    return new KubernetesError("credentials", `${what} as ${user.name} (context ${context}) failed: ${why}`, {
      hint: "`kubectl --context … get pods` should fail in the same way; log in again, as you do for kubectl.",
      cause,
    });
  }
}

/** Settles as the promise does, or rejects with the signal's reason before. */
async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function lowerCase(headers: LoginOptions["headers"]): OutgoingHttpHeaders {
  if (headers === undefined || Array.isArray(headers)) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}

async function bytesOf(file: string | undefined, base64: string | undefined): Promise<Buffer | undefined> {
  // Where both are given, the data counts, as with kubectl.
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return file === undefined ? undefined : await readOwn(file);
}

async function readOwn(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubernetesError("kubeconfig", `${path}, which the kubeconfig names, cannot be read: ${why}`, {
      cause,
    });
  }
}
