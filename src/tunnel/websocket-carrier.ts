import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { CarrierEvents, NotingCarrier } from "./carrier.ts";
import { TunnelError } from "./errors.ts";
import { countReadGarbage } from "./read-garbage.ts";
import {
  claimIn,
  fieldsOfClaim,
  RECEIVED_FIELD,
  readReceived,
  type ResumeAnswer,
  type ResumeClaim,
  refusedResume,
  resumeStatus,
} from "./resume-claim.ts";

/** Largest message: a batch is 64 KB and one frame, whose payload may be 256 KB. */
const MAX_MESSAGE_BYTES = 512 * 1024;
/** How long a handshake may take. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long the peer may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A carrier on an open WebSocket, which it owns; either end of it. A note is a text message, beside binary ones. */
class WebSocketCarrier implements NotingCarrier {
  readonly #socket: WebSocket;
  readonly #copies: boolean;
  #bufferedBytes = 0;
  #error: TunnelError | undefined;
  #state: CarrierState = { at: "waiting" };

  /** `under` is what the WebSocket stands on. */
  constructor(socket: WebSocket, under: Duplex) {
    this.#socket = socket;
    // The kernel, or the cipher of a TLS socket, has made its copy when a write is done. Another stream may hand the
    // bytes on as they are, as a PassThrough does.
    this.#copies = under instanceof Socket;
    socket.pause(); // Nothing may be read before `start` has said to whom it goes.
    socket.on(
      "error",
      (cause) => (this.#error = new TunnelError("carrier-lost", "the WebSocket failed", { cause })),
    );
    socket.on("close", (code) => this.#ended(code));
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  start(events: CarrierEvents): void {
    if (this.#state.at === "closed") {
      const { code } = this.#state;
      setImmediate(() => events.onClose(this.#reason(code)));
      return;
    }
    this.#state = { at: "started", events };
    this.#socket.on("message", (message, isBinary) => {
      // `binaryType` is the default one, so a binary message is a Buffer.
      if (isBinary) {
        events.onData(message as Buffer);
        // Most messages are cut by a read, and joined in a buffer of their own.
        countReadGarbage(2 * (message as Buffer).length);
      } else if (events.onNote !== undefined) events.onNote((message as Buffer).toString("latin1"));
      else this.#socket.close(1003, "binary only"); // RFC 6455 §7.4.1
    });
    this.#socket.resume();
  }

  send(chunk: Buffer, onSent?: () => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const bytes = chunk.length;
    this.#bufferedBytes += bytes;
    this.#socket.send(chunk, (error) => {
      if (this.#copies && !error) onSent?.();
      this.#left(bytes);
    });
  }

  sendNote(note: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(note, ignoreError);
  }

  close(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.close(1000);
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    timer.unref();
    this.#socket.once("close", () => clearTimeout(timer));
  }

  destroy(): void {
    this.#socket.terminate();
  }

  /** The kernel has taken a message, or the socket is gone. */
  #left(bytes: number): void {
    this.#bufferedBytes -= bytes;
    if (this.#state.at === "started") this.#state.events.onDrain();
  }

  #ended(code: number): void {
    const before = this.#state;
    this.#state = { at: "closed", code };
    if (before.at === "started") before.events.onClose(this.#reason(code));
  }

  #reason(code: number): TunnelError | undefined {
    if (code === 1000) return undefined;
    return this.#error ?? new TunnelError("carrier-lost", `the WebSocket was closed with ${code}`);
  }
}

type CarrierState =
  | { readonly at: "waiting" }
  | { readonly at: "started"; readonly events: CarrierEvents }
  | { readonly at: "closed"; readonly code: number };

export interface ConnectOptions {
  /** Connected, or about to be; owned by the carrier from here on, also when connecting fails. */
  readonly socket: Duplex;
  /** What the agent admits us by; it must be fit for a header: visible ASCII. */
  readonly ticket: string;
  /** The same as the agent's. */
  readonly path: string;
  readonly signal?: AbortSignal;
}

/**
 * Upgrades a connection to an agent to a WebSocket and gives it as a carrier that is not started yet.
 * @throws TunnelError `ticket-refused`, `upgrade-refused`, `connect-failed`; the signal's reason when it aborts.
 */
export async function connectWebSocket(options: ConnectOptions): Promise<NotingCarrier> {
  return (await upgrade(options, {})).carrier;
}

/** What a session goes on upon. */
export interface Resumed {
  readonly carrier: NotingCarrier;
  /** Where the agent goes on: what it has received of us. */
  readonly peerReceivedBytes: number;
}

/**
 * The same for a session that exists: the agent takes the carrier in place of the one that was lost.
 * @throws TunnelError also `resume-refused`: the session is over, or not ours.
 */
export async function resumeWebSocket(options: ConnectOptions & { claim: ResumeClaim }): Promise<Resumed> {
  const { carrier, answer } = await upgrade(options, fieldsOfClaim(options.claim));
  const peerReceivedBytes = readReceived(answer.headers);
  if (peerReceivedBytes !== undefined) return { carrier, peerReceivedBytes };
  carrier.destroy();
  throw new TunnelError("upgrade-refused", "the agent does not say where to go on");
}

/** One upgrade, with further header fields. */
async function upgrade(
  { socket, ticket, path, signal }: ConnectOptions,
  fields: Readonly<Record<string, string>>,
): Promise<{ carrier: WebSocketCarrier; answer: IncomingMessage }> {
  signal?.throwIfAborted();
  const answered = Promise.withResolvers<IncomingMessage>();
  const { promise, resolve, reject } = Promise.withResolvers<WebSocketCarrier>();
  const client = new WebSocket(`ws://magpie${path}`, {
    createConnection: () => socket,
    headers: { ...fields, authorization: `Bearer ${ticket}` },
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // We keep alive by frames of our own; answering pings would be a queue without a bound.
    autoPong: false,
    // RFC 6455 §5.3 wants masks against scripts of a browser that write to a cache in between. Here both ends are ours
    // and the way is a forwarded port, so the mask is zero: masked and unmasked bytes are the same.
    generateMask: () => {},
  });
  const abort = (): void => reject(signal?.reason);
  const timer = setTimeout(
    () => reject(new TunnelError("connect-failed", "the agent did not answer in time")),
    HANDSHAKE_TIMEOUT_MS,
  );
  signal?.addEventListener("abort", abort, { once: true });
  client.on("unexpected-response", (_request, response) => reject(refusal(response.statusCode ?? 0)));
  client.on("error", (cause) => reject(new TunnelError("connect-failed", "no WebSocket came up", { cause })));
  client.on("close", () => reject(new TunnelError("connect-failed", "the agent closed the connection")));
  client.on("upgrade", answered.resolve);
  client.on("open", () => resolve(new WebSocketCarrier(client, socket)));
  try {
    // The upgrade is told before the WebSocket is open.
    return { carrier: await promise, answer: await answered.promise };
  } catch (error) {
    client.terminate();
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function refusal(status: number): TunnelError {
  if (status === 401)
    return new TunnelError("ticket-refused", "the agent does not know this ticket, or it was used");
  const refused = refusedResume(status);
  if (refused !== undefined) return new TunnelError("resume-refused", refused);
  return new TunnelError("upgrade-refused", `the agent answered the upgrade with ${status}`);
}

export interface AcceptOptions {
  /** Its upgrades are taken; the caller listens and closes. */
  readonly server: Server;
  /** Upgrades to anything else are answered with 404. */
  readonly path: string;
  /** Whether a ticket admits; called once per attempt, before anything is upgraded. Compare in constant time. */
  admit(ticket: string): boolean;
  /** A peer was admitted; the carrier is not started yet. */
  onCarrier(carrier: NotingCarrier): void;
  /** A peer was admitted that comes back to a session. Without it there is nothing to come back to. */
  resume?(claim: ResumeClaim): ResumeAnswer;
}

/** Takes upgrades of a server until it is disposed; carriers that were given stay. */
export function acceptWebSocket(options: AcceptOptions): Disposable {
  const { server } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    autoPong: false, // As in the client.
  });
  /** What those are told who come back: how much of theirs was received. */
  const answers = new WeakMap<IncomingMessage, number>();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", ignoreError);
    if (request.url !== options.path) return refuse(socket, "404 Not Found");
    const ticket = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? "")?.[1];
    if (ticket === undefined || !options.admit(ticket)) return refuse(socket, "401 Unauthorized");
    const claim = claimIn(request.headers);
    if (claim === "malformed") return refuse(socket, "400 Bad Request");
    const answer = claim === undefined ? undefined : (options.resume?.(claim) ?? "unknown");
    if (typeof answer === "string") return refuse(socket, resumeStatus[answer]);
    const take = answer?.attach ?? ((carrier) => options.onCarrier(carrier));
    if (answer !== undefined) answers.set(request, answer.receivedBytes);
    socket.off("error", ignoreError);
    sockets.handleUpgrade(request, socket, head, (client) => take(new WebSocketCarrier(client, socket)));
  };
  sockets.on("headers", (fields, request) => {
    const receivedBytes = answers.get(request);
    if (receivedBytes !== undefined) fields.push(`${RECEIVED_FIELD}: ${receivedBytes}`);
  });
  server.on("upgrade", upgrade);
  return {
    [Symbol.dispose]: () => {
      server.off("upgrade", upgrade);
    },
  };
}

/** Of a socket that is being refused, or a note: whoever waits for more sees that the carrier ends. */
function ignoreError(): void {}

function refuse(socket: Duplex, status: string): void {
  const challenge = status.startsWith("401") ? "WWW-Authenticate: Bearer\r\n" : ""; // RFC 9110 §15.5.2
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${challenge}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
