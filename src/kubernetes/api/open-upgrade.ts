import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { KubernetesError } from "../errors.ts";
import type { ApiCaller } from "./api-call.ts";
import { type Asked, errorOfAnswer, errorOfConnection } from "./api-failure.ts";
import { apiUrl, type Query } from "./api-url.ts";
import { boundedWait, isStale } from "./bounded-wait.ts";
import type { Way } from "./login.ts";

/** A connection that the API server has given over to another protocol. The caller owns it. */
export interface Upgraded {
  readonly socket: Duplex;
  /** What came behind the answer already. */
  readonly head: Buffer;
}

export interface UpgradeOptions extends Asked {
  readonly path: string;
  readonly query?: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const openTimeoutMs = 30_000;
const maxRefusalBytes = 64 * 1024;

/**
 * Asks by POST for a connection of another protocol (RFC 9110 §7.8). Logs in again where a credential has expired.
 * @throws KubernetesError as a call does; the signal's reason when it aborts before it is open
 */
export async function openUpgrade(caller: ApiCaller, options: UpgradeOptions): Promise<Upgraded> {
  for (let again = false; ; ) {
    const way = await caller.login.way(options.signal);
    try {
      const upgraded = await attempt(caller, way, options);
      if (upgraded !== "stale") return upgraded;
    } catch (error) {
      const expired = error instanceof KubernetesError && error.code === "unauthorized";
      if (again || !expired || !caller.login.forget(way)) throw error;
      again = true;
    }
  }
}

/** One request; "stale" when a kept connection turns out to have been closed. */
async function attempt(caller: ApiCaller, way: Way, options: UpgradeOptions): Promise<Upgraded | "stale"> {
  const { signal, timeoutMs = openTimeoutMs } = options;
  signal?.throwIfAborted();
  const { cluster } = caller;
  const url = apiUrl(cluster, options);
  const waiting = Promise.withResolvers<Upgraded | "stale">();
  const { resolve, reject } = waiting;
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method: "POST",
    agent: way.agent,
    headers: { ...way.headers, ...options.headers, connection: "Upgrade", "content-length": 0 },
  });
  request.on("upgrade", (_answer, socket: Duplex, head: Buffer) => resolve({ socket, head }));
  request.on("response", (answer) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (text: string) => (body = (body + text).slice(0, maxRefusalBytes)));
    answer.on("close", () =>
      reject(errorOfAnswer({ status: answer.statusCode ?? 0, body, asked: options }, cluster)),
    );
  });
  request.on("error", (cause) => {
    if (isStale(request, cause)) resolve("stale");
    else reject(errorOfConnection(cause, cluster));
  });
  request.end();
  return await boundedWait(waiting, { cluster, timeoutMs, signal, giveUp: () => request.destroy() });
}
