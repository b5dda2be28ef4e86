import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { KubernetesError } from "../errors.ts";
import { type Asked, errorOfAnswer, errorOfConnection } from "./api-failure.ts";
import type { ApiCaller } from "./api-call.ts";
import { apiUrl, type Query } from "./api-url.ts";
import { boundedWait } from "./bounded-wait.ts";
import type { Way } from "./login.ts";

/**
 * A WebSocket to a subresource (`exec`, `portforward`) of the API server, which passes its bytes on to the kubelet. Each binary
 * message is one byte that names a channel, and that channel's bytes (k8s.io/apimachinery/pkg/util/remotecommand).
 */
export interface ApiSocket {
  /** Which of the offered protocols was taken. */
  readonly protocol: string;
  /** Says who hears of messages and of the end. Once; before it nothing is read. */
  start(events: ApiSocketEvents): void;
  /** Calls back when the kernel has taken it, or with the error of a socket that is gone. */
  send(channel: number, bytes: Uint8Array, onSent?: (error?: Error | null) => void): void;
  /** No further message is read until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it in good order; cut off when the other end does not answer that. */
  close(): void;
  destroy(): void;
}

export interface ApiSocketEvents {
  onMessage(channel: number, bytes: Buffer): void;
  /** The end, and nothing comes after it; with an error unless it was in good order. */
  onClose(error: Error | undefined): void;
}

export interface ApiSocketOptions extends Asked {
  readonly path: string;
  readonly query?: Query;
  /** In the order we would have them. */
  readonly protocols: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const openTimeoutMs = 30_000;
const closeTimeoutMs = 2_000;
/** A kubelet sends what it has read, which is at most 32 KB; much more is no kubelet. */
const maxMessageBytes = 16 * 1024 * 1024;
const maxRefusalBytes = 64 * 1024;

/**
 * Opens one, which the caller then starts, and closes or destroys.
 * @throws KubernetesError as a call does; the signal's reason when it aborts before it is open.
 */
export async function openApiSocket(caller: ApiCaller, options: ApiSocketOptions): Promise<ApiSocket> {
  for (let again = false; ; again = true) {
    const way = await caller.login.way(options.signal);
    try {
      return await attempt(caller, way, options);
    } catch (error) {
      const expired = error instanceof KubernetesError && error.code === "unauthorized";
      if (again || !expired || !caller.login.forget(way)) throw error;
    }
  }
}

async function attempt(caller: ApiCaller, way: Way, options: ApiSocketOptions): Promise<ApiSocket> {
  const { signal } = options;
  signal?.throwIfAborted();
  const { cluster } = caller;
  const url = apiUrl(cluster, options);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, [...options.protocols], {
    agent: way.agent,
    // A WebSocket has fields of one value only, but for the few that Node joins.
    headers: way.headers as Record<string, string | string[]>,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    followRedirects: false,
  });
  const waiting = Promise.withResolvers<void>();
  const { resolve, reject } = waiting;
  let failure: Error | undefined;
  socket.on("unexpected-response", (_request, answer: IncomingMessage) => {
    void refusal(answer).then((body) =>
      reject(errorOfAnswer({ status: answer.statusCode ?? 0, body, asked: options }, cluster)),
    );
  });
  socket.on("error", (cause) => {
    failure = cause;
    reject(errorOfConnection(cause, cluster));
  });
  socket.on("close", () =>
    reject(errorOfConnection(failure ?? new Error("the connection was closed"), cluster)),
  );
  socket.on("open", () => {
    socket.pause();
    resolve();
  });
  const { timeoutMs = openTimeoutMs } = options;
  await boundedWait(waiting, { cluster, timeoutMs, signal, giveUp: () => socket.terminate() });
  return started(socket, () => failure);
}

/** An open WebSocket that is paused. */
function started(socket: WebSocket, failure: () => Error | undefined): ApiSocket {
  return {
    protocol: socket.protocol,
    start: (events) => {
      const end = (code: number, reason: Buffer): void => {
        // 1005: closed without a code, which kubelets do at the end of a stream (RFC 6455 §7.4.1).
        const inOrder = failure() === undefined && (code === 1000 || code === 1001 || code === 1005);
        const why = reason.length > 0 ? reason.toString("utf8") : `the connection was cut (${code})`;
        events.onClose(inOrder ? undefined : (failure() ?? new Error(why)));
      };
      if (socket.readyState === WebSocket.CLOSED) {
        setImmediate(end, 1006, Buffer.alloc(0));
        return;
      }
      socket.on("message", (message: Buffer, isBinary) => {
        // `binaryType` is the default one, so a message is one Buffer. An empty one only says that the channels are open.
        if (isBinary && message.length > 0) events.onMessage(message[0] ?? 0, message.subarray(1));
      });
      socket.on("close", end);
      socket.resume();
    },
    send: (channel, bytes, onSent) => {
      // One frame a message: the kubelet's reader takes each frame for a message of its own.
      const message = Buffer.allocUnsafe(bytes.length + 1);
      message[0] = channel;
      message.set(bytes, 1);
      socket.send(message, onSent);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => {
      if (socket.readyState >= WebSocket.CLOSING) return;
      socket.resume(); // The other end's answer must be read.
      socket.close(1000);
      const timer = setTimeout(() => socket.terminate(), closeTimeoutMs);
      timer.unref();
      socket.once("close", () => clearTimeout(timer));
    },
    destroy: () => socket.terminate(),
  };
}

async function refusal(answer: IncomingMessage): Promise<string> {
  let body = "";
  try {
    for await (const chunk of answer.setEncoding("utf8")) {
      body += String(chunk);
      if (body.length > maxRefusalBytes) break;
    }
  } catch {
    // The status alone says enough.
  }
  return body;
}
