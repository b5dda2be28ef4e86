import { encodePlain } from "../../../http/index.ts";
import {
  decodeAgentHead,
  decodeClientHead,
  type Opening,
  ProtocolError,
  type ResetCode,
} from "../../../protocol/index.ts";
import type { AnswerWatch, ExchangeEvents, ExchangeStream } from "../../incoming/index.ts";
import {
  type KeptHead,
  linesOfTrailers,
  mediaTypeOf,
  readKeptAnswer,
  readKeptRequest,
  valueIn,
} from "./heads.ts";
import { RecordedAnswer, type RecordedRequest } from "./recorded-request.ts";
import type { RequestStore } from "./request-store.ts";

/** What a copy's head has more than its caller has sent: see `markedHead` of the mirror. */
const markField = "magpie-mirror";

/** Writes down what an opening says of its request. */
export function recordOpening(request: RecordedRequest, { meta, head }: Opening): void {
  const { row } = request;
  row.protocol = meta.kind;
  row.peer = `${meta.peer.address.includes(":") ? `[${meta.peer.address}]` : meta.peer.address}:${meta.peer.port}`;
  request.subscription = meta.subscription;
  request.original = meta.original;
  request.isTls = meta.tls !== null;
  request.serverName = meta.tls?.serverName ?? null;
  if (meta.kind === "tcp") {
    row.kind = "raw";
    return;
  }
  request.head = headOf(meta.kind, head, { isCopy: meta.copy !== "none", id: meta.requestId });
  const read = readKeptRequest(request.head);
  row.bytesIn = request.head.text.length;
  if (read === undefined) return;
  row.method = read.method;
  row.host = read.authority;
  row.path = read.target;
  row.requestType = mediaTypeOf(read.fields.first("content-type"));
  if (row.requestType.startsWith("application/grpc")) row.kind = "grpc";
  const isWebSocket =
    read.fields.first("upgrade")?.toLowerCase() === "websocket" ||
    (read.method === "CONNECT" && read.fields.first("sec-websocket-version") !== undefined);
  if (isWebSocket) row.kind = "websocket";
  const { framing } = read;
  const isWhole = framing === undefined ? meta.endsWithHead : framing.kind === "none";
  if (isWhole) request.wholeMs = 0;
}

function headOf(
  form: "http1" | "http2",
  head: Buffer,
  { isCopy, id }: { isCopy: boolean; id: string },
): KeptHead {
  const text = head.toString("latin1");
  if (!isCopy) return { form, text };
  if (form === "http2") return { form, text: withoutMark(text, id) };
  const at = text.lastIndexOf(`${markField}: `);
  return { form, text: at === -1 ? text : `${text.slice(0, at)}\r\n` };
}

function withoutMark(block: string, id: string): string {
  const mark = encodePlain([[markField, id]]).toString("latin1");
  return block.endsWith(mark) ? block.slice(0, -mark.length) : block;
}

/** Writes an answer down as it passes. */
export class AnswerRecorder implements AnswerWatch {
  readonly #store: RequestStore;
  readonly #request: RecordedRequest;
  readonly #answer: RecordedAnswer;
  readonly #form: "http1" | "http2" | "tcp";
  /** Whether it is what the row shows: what the caller has, or would have. */
  readonly #isShown: boolean;

  constructor(parts: {
    store: RequestStore;
    request: RecordedRequest;
    answer: RecordedAnswer;
    form: "http1" | "http2" | "tcp";
    isShown: boolean;
  }) {
    this.#store = parts.store;
    this.#request = parts.request;
    this.#answer = parts.answer;
    this.#form = parts.form;
    this.#isShown = parts.isShown;
  }

  head(bytes: Buffer): void {
    if (this.#form === "tcp") return;
    const { row } = this.#request;
    const answer = this.#answer;
    answer.head = { form: this.#form, text: bytes.toString("latin1") };
    answer.firstMs ??= this.#sinceBegin();
    const read = readKeptAnswer(answer.head, row.method);
    answer.status = read?.status ?? null;
    if (!this.#isShown) return this.#store.touchSoon(this.#request);
    row.status = answer.status;
    row.bytesOut += bytes.length;
    row.answerType = mediaTypeOf(valueIn(read?.headers ?? [], "content-type"));
    if (row.answerType === "text/event-stream") row.kind = "sse";
    if (row.kind === "websocket" && row.status !== 101 && this.#form === "http1") row.kind = "http";
    // Of a call that failed at once the trailers are its head.
    this.#noteGrpc(read?.headers ?? []);
    if (row.state === "waiting") row.state = "answering";
    this.#store.touch(this.#request);
  }

  data(chunk: Buffer): void {
    this.#answer.firstMs ??= this.#sinceBegin();
    this.#store.keep(this.#answer.content, chunk);
    if (!this.#isShown) return;
    const { row } = this.#request;
    row.bytesOut += chunk.length;
    if (row.state === "waiting") row.state = "answering";
    this.#store.touchSoon(this.#request);
  }

  trailers(bytes: Buffer): void {
    if (this.#form === "tcp") return;
    this.#answer.trailers = { form: this.#form, text: bytes.toString("latin1") };
    if (this.#isShown) this.#noteGrpc(linesOfTrailers(this.#answer.trailers));
  }

  complete(): void {
    this.#answer.endMs ??= this.#sinceBegin();
    this.#store.touch(this.#request);
  }

  lost(reason: string): void {
    this.#answer.endMs ??= this.#sinceBegin();
    if (this.#isShown && this.#request.row.failure === null) this.#request.row.failure = reason;
    this.#store.touch(this.#request);
  }

  #noteGrpc(lines: readonly (readonly [string, string])[]): void {
    const { row } = this.#request;
    if (row.kind !== "grpc") return;
    const status = Number(valueIn(lines, "grpc-status") ?? Number.NaN);
    if (Number.isInteger(status)) row.grpcStatus = status;
  }

  #sinceBegin(): number {
    return performance.now() - this.#request.startMs;
  }
}

/**
 * Stands between a stream and its delivery, writes down what passes, and passes it on unchanged.
 *
 * Of a stolen request the local answer is what the caller has; of a copy it is the other one, and the row is the app's.
 */
export class ExchangeRecorder implements ExchangeStream, ExchangeEvents {
  readonly #store: RequestStore;
  readonly #request: RecordedRequest;
  readonly #stream: ExchangeStream;
  readonly #answer: AnswerRecorder;
  readonly #isCopy: boolean;
  readonly #form: "http1" | "http2" | "tcp";
  /** Of the request's content; undefined where only its end tells. */
  #leftBytes: number | undefined;
  #inner: ExchangeEvents | undefined;
  #onGone: (() => void) | undefined;

  constructor(parts: {
    store: RequestStore;
    request: RecordedRequest;
    stream: ExchangeStream;
    opening: Opening;
  }) {
    const { store, request, stream, opening } = parts;
    this.#store = store;
    this.#request = request;
    this.#stream = stream;
    this.#form = opening.meta.kind;
    this.#isCopy = opening.meta.copy !== "none";
    const answer = new RecordedAnswer();
    if (this.#isCopy) {
      request.other = answer;
      request.otherAnsweredBy = "here";
    } else request.answer = answer;
    this.#answer = new AnswerRecorder({ store, request, answer, form: this.#form, isShown: !this.#isCopy });
    const framing = request.wholeMs === null ? readKeptRequest(request.head)?.framing : undefined;
    this.#leftBytes = framing?.kind === "length" ? framing.bytes : undefined;
  }

  /** What comes from now on goes to a delivery. */
  use(inner: ExchangeEvents): void {
    this.#inner = inner;
  }

  /** Called when the agent takes it back. */
  set onGone(onGone: () => void) {
    this.#onGone = onGone;
  }

  // --- from the tunnel ---

  onHead(payload: Buffer): void {
    try {
      const { bytes } = decodeAgentHead(payload);
      if (this.#form !== "tcp" && bytes.length > 0)
        this.#request.trailers = { form: this.#form, text: bytes.toString("latin1") };
      this.#whole();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error; // the delivery says what is wrong with it
    }
    this.#inner?.onHead(payload);
  }

  onData(chunk: Buffer): void {
    this.#store.keep(this.#request.content, chunk);
    this.#request.row.bytesIn += chunk.length;
    if (this.#leftBytes !== undefined) {
      this.#leftBytes -= chunk.length;
      if (this.#leftBytes <= 0) this.#whole();
    }
    this.#store.touchSoon(this.#request);
    this.#inner?.onData(chunk);
  }

  onEnd(): void {
    const { row } = this.#request;
    // In HTTP/1.1 it is the FIN of the caller, who may be gone, or only be done talking.
    if (this.#form === "http1" && row.state === "held") {
      row.failure = "its caller has closed its side of the connection, and is probably gone";
      this.#store.touch(this.#request);
    }
    this.#whole();
    this.#inner?.onEnd();
  }

  onReset(code: ResetCode, text: string): void {
    const why = code === "cancelled" ? "the caller went away" : `the agent took it back: ${text || code}`;
    if (!this.#request.isOver) this.#over("failed", why);
    this.#onGone?.();
    this.#inner?.onReset(code, text);
  }

  onDrain(): void {
    this.#inner?.onDrain();
  }

  // --- from the delivery ---

  sendHead(payload: Buffer): void {
    const head = decodeClientHead(payload);
    if (head.kind === "response") this.#answer.head(head.bytes);
    else if (head.kind === "trailers") this.#answer.trailers(head.bytes);
    this.#stream.sendHead(payload);
  }

  write(chunk: Buffer): boolean {
    this.#answer.data(chunk);
    return this.#stream.write(chunk);
  }

  end(): void {
    this.#whole();
    this.#over("over", null);
    this.#stream.end();
  }

  reset(code: ResetCode, text?: string): void {
    if (!this.#request.isOver) this.#over("failed", text || code);
    this.#stream.reset(code, text);
  }

  consumed(bytes: number): void {
    this.#stream.consumed(bytes);
  }

  #whole(): void {
    this.#request.wholeMs ??= performance.now() - this.#request.startMs;
  }

  #over(state: "over" | "failed", failure: string | null): void {
    const request = this.#request;
    const { row } = request;
    const nowMs = performance.now() - request.startMs;
    const answer = this.#isCopy ? request.other : request.answer;
    if (answer !== undefined) answer.endMs ??= nowMs;
    if (failure !== null) row.failure = this.#isCopy ? `the copy: ${failure}` : failure;
    // What the app does with a request of which there is a copy, its decision tells.
    row.state = this.#isCopy ? "over" : state;
    row.durationMs ??= nowMs;
    this.#store.touch(request);
  }
}
