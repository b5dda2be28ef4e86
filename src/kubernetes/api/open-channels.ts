import { KubernetesError } from "../errors.ts";
import type { ApiCaller } from "./api-call.ts";
import { type ApiSocket, type ApiSocketOptions, openApiSocket } from "./api-socket.ts";
import { openSpdyChannels, type SpdyForm } from "./spdy-channels.ts";

/** Clusters that have refused WebSockets to a subresource and taken SPDY: they are not asked again. */
const takesSpdyOnly = new WeakMap<ApiCaller, Set<string>>();

/**
 * Opens channels to a subresource: by WebSocket, and where that is refused by SPDY. A server may know only one of the two, a proxy in
 * between may pass only one, and before Kubernetes 1.35 a WebSocket needs `get` of the subresource where SPDY needs `create`.
 * @throws KubernetesError: the word on SPDY where the WebSocket was refused for a missing right, since that may be a right which only
 * WebSockets need; else the word on the WebSocket
 */
export async function openChannels(
  caller: ApiCaller,
  options: ApiSocketOptions & { readonly form: SpdyForm },
): Promise<ApiSocket> {
  const subresource = options.access?.subresource ?? options.path;
  if (takesSpdyOnly.get(caller)?.has(subresource) === true) return await openSpdyChannels(caller, options);
  try {
    return await openApiSocket(caller, options);
  } catch (first) {
    options.signal?.throwIfAborted();
    if (!mayTakeSpdy(first)) throw first;
    try {
      const socket = await openSpdyChannels(caller, options);
      // What was merely cut may go through the next time.
      if (first instanceof KubernetesError && first.status !== undefined) {
        const known = takesSpdyOnly.get(caller) ?? new Set();
        takesSpdyOnly.set(caller, known.add(subresource));
      }
      return socket;
    } catch (second) {
      options.signal?.throwIfAborted();
      throw isForbidden(first) ? second : first;
    }
  }
}

/** A server that answered, and not about the object or the login; or something in between that broke off. */
function mayTakeSpdy(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  if (error.status !== undefined)
    return !["unauthorized", "not-found", "throttled", "timeout"].includes(error.code);
  if (error.code !== "unreachable") return false;
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === undefined || code === "ECONNRESET";
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubernetesError && error.code === "forbidden";
}
