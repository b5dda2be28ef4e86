import {
  type BodyScanner,
  type BodySink,
  findHeadEnd,
  type Http1Response,
  MAX_HEAD_BYTES,
  newMarks,
  parseResponseHead,
  type Setting,
  withClose,
} from "../../http/index.ts";
import type { Recording } from "../trace/index.ts";
import type { Copies } from "./copies/copies.ts";
import { scannerFor } from "./body-scanners.ts";
import type { OpaqueReason } from "./link.ts";

/** A request that went to the app and is not answered in full. */
export interface DueAnswer {
  readonly method: string;
  readonly mayUpgrade: boolean;
  /** The client may wait for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** It offered to go on in HTTP/2, with these settings. */
  readonly h2c: readonly Setting[] | undefined;
  readonly recording: Recording | undefined;
  /** Of the request; some may want the answer, too. */
  readonly copies: Copies | undefined;
  status: number | null;
}

/** What reading the app's answers brings to light. */
export interface AnswerEvents {
  /** An answer is over. */
  onOver(): void;
  /** The app goes on in HTTP/2 behind this head. Gives false when nobody wants to read that. */
  onHttp2(answer: DueAnswer): boolean;
  /** The app ends the connection behind the answer under way (RFC 9112 §9.6). */
  onLast(): void;
  /** Whether we want the connection to end behind the answer that begins, and it may. */
  mayClose(): boolean;
  /** The client has been told so. */
  onClosing(): void;
  /** Nobody can say any more where answers begin: read no further. */
  onOpaque(reason: OpaqueReason): void;
  /** What is to be told of how the app was reached. */
  wayNote(): string | undefined;
  /** Whether the client still keeps back the body of its last request. */
  isBodyUnsent(): boolean;
}

/** Where bytes go that the client has not got yet: `bytes[from, to)`, valid during the call only. */
export type Send = (bytes: Buffer, from: number, to: number) => void;

const NOTHING = Buffer.alloc(0);
/** Heads are looked at, never kept: one set of marks serves the whole agent. */
const marks = newMarks();

/**
 * Follows the app's answers on one connection, just far enough to know where each ends. The bytes themselves have gone
 * to the client before they are read here, but when the agent wants to leave: then they are sent on from here, a head
 * when it is whole, and the last one says `close`.
 */
export class OriginalAnswers {
  readonly #events: AnswerEvents;
  readonly #due: DueAnswer[] = [];
  /** Of a head that is not whole yet. */
  #head: Buffer = NOTHING;
  /** So much of it has gone to the client. */
  #headSentBytes = 0;
  /** Where the bytes of the read under way begin that the client has not got. */
  #unsentAt = 0;
  #body: BodyScanner | undefined;
  /** Of the answer under way. */
  #copies: Copies | undefined;
  #isHttp2 = false;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  /** How many requests wait for the end of their answer. */
  get count(): number {
    return this.#due.length;
  }

  /** The request that was sent last, when it is not answered yet. */
  get last(): DueAnswer | undefined {
    return this.#due.at(-1);
  }

  /** A request has been sent to the app; its answer comes behind those that are due (RFC 9112 §9.3.2). */
  expect(answer: DueAnswer): void {
    this.#due.push(answer);
  }

  /** So many bytes of the body of the last request have been sent. */
  sent(bytes: number): void {
    const recording = this.#due.at(-1)?.recording;
    if (recording !== undefined) recording.bytesIn += bytes;
  }

  /** Nobody will read the answers that are due; `isEnd` when the app has sent its last byte in good order. */
  abandon(isEnd = false): void {
    if (isEnd && this.#body?.isCompleteAtEnd === true) this.#copies?.end();
    else this.#copies?.cut("the app's answer was cut, or cannot be read");
    this.#copies = undefined;
    for (const answer of this.#due) answer.recording?.finish(answer.status);
    this.#due.length = 0;
  }

  /**
   * Reads `bytes[0, length)`, valid during the call only. Gives how many of them are HTTP/1.1, or of nobody's concern:
   * all, but for what is behind the head that leads to HTTP/2. With `send` the client has not got them yet.
   */
  read(bytes: Buffer, length: number, send?: Send): number {
    let at = 0;
    this.#unsentAt = 0;
    while (at !== -1 && at < length) {
      const answer = this.#due[0];
      const from = at;
      if (answer === undefined) at = this.#opaque("response-without-request");
      else if (this.#body === undefined) at = this.#readHead(answer, bytes, at, length, send);
      else {
        at = this.#readBody(this.#body, bytes, at, length);
        // Before the next head, and before an end that it may bring.
        if (at !== -1) this.#sendUntil(at, bytes, send);
      }
      if (answer?.recording !== undefined) answer.recording.bytesOut += (at === -1 ? length : at) - from;
      if (this.#isHttp2) return at;
      if (at !== -1 && this.#body?.state === "done") this.#over();
    }
    this.#sendUntil(length, bytes, send);
    return length;
  }

  #sendUntil(end: number, bytes: Buffer, send: Send | undefined): void {
    if (send !== undefined && this.#unsentAt < end) send(bytes, this.#unsentAt, end);
    this.#unsentAt = end;
  }

  /** Takes what was kept back from the client, since nobody will read the rest of it here. */
  takeUnsent(): Buffer {
    const unsent = this.#head.subarray(this.#headSentBytes);
    this.#headSentBytes = this.#head.length;
    return unsent;
  }

  /** Gives the offset behind the part of the body that is here, or -1 when it is no body. */
  #readBody(body: BodyScanner, bytes: Buffer, from: number, to: number): number {
    const end = body.scan(
      bytes,
      from,
      to,
      this.#copies === undefined ? undefined : copier(this.#copies, bytes),
    );
    return body.state === "ambiguous" ? this.#opaque("ambiguous-response: malformed-chunk") : end;
  }

  /** Gives the offset behind the head, or -1 when it is not whole or reading ends here. */
  #readHead(answer: DueAnswer, bytes: Buffer, from: number, to: number, send: Send | undefined): number {
    const before = this.#head.length;
    const all = before === 0 ? bytes : Buffer.concat([this.#head, bytes.subarray(from, to)]);
    const start = before === 0 ? from : 0;
    const end = findHeadEnd(all, start, before === 0 ? to : all.length);
    if (end === -1) {
      const read = before === 0 ? to - from : all.length;
      if (read > MAX_HEAD_BYTES) return this.#opaque("ambiguous-response: head-too-large");
      this.#head = before === 0 ? Buffer.from(bytes.subarray(from, to)) : all;
      if (send === undefined) this.#headSentBytes = read;
      this.#unsentAt = to;
      return -1;
    }
    if (end - start > MAX_HEAD_BYTES) return this.#opaque("ambiguous-response: head-too-large");
    const head = parseResponseHead(all, answer.method, start, end, marks);
    if ("ambiguity" in head) return this.#opaque(`ambiguous-response: ${head.ambiguity}`);
    const next = before === 0 ? end : from + end - before;
    if (send !== undefined) this.#sendHead(head, all, { start, end, send });
    this.#unsentAt = next;
    this.#forgetHead();
    answer.status = head.status;
    if (head.status >= 200 || head.switchesProtocol) answer.recording?.answered(head.status);
    if (head.switchesProtocol) {
      const isHttp2 = answer.h2c !== undefined && head.fields.first("upgrade")?.toLowerCase() === "h2c";
      if (!isHttp2) answer.copies?.ofAnswer({ kind: "http1", head: laterCopy(all, start, end) })?.end();
      if (!isHttp2 || this.#due.length > 1 || !this.#events.onHttp2(answer)) return this.#opaque("upgraded");
      this.#due.length = 0;
      this.#isHttp2 = true;
      return next;
    }
    if (head.status >= 200) {
      this.#copies = answer.copies?.ofAnswer({ kind: "http1", head: laterCopy(all, start, end) });
      // RFC 9110 §10.1.1: the client may now leave the body out, and nobody can tell whether it did.
      if (answer.expectsContinue && this.#due.length === 1 && this.#events.isBodyUnsent())
        return this.#opaque("expectation-not-met");
      this.#body = scannerFor(head.framing);
      if (!head.keepAlive) this.#events.onLast();
    }
    return next;
  }

  /** Sends what the client has not got of a head, which says `close` if it is the last one. */
  #sendHead(head: Http1Response, all: Buffer, about: { start: number; end: number; send: Send }): void {
    const { start, end, send } = about;
    const sentBytes = this.#headSentBytes;
    // An app that ends the connection by itself has its own words for it.
    const isLast = head.status >= 200 && head.keepAlive && !head.switchesProtocol && this.#due.length === 1;
    if (isLast && this.#events.mayClose()) {
      const last = withClose(head.fields);
      if (last.changedAt >= sentBytes) {
        this.#events.onClosing();
        return send(last.head, sentBytes, last.head.length);
      }
    }
    send(all, start + sentBytes, end);
  }

  #opaque(reason: OpaqueReason): -1 {
    this.#events.onOpaque(reason);
    this.#forgetHead();
    return -1;
  }

  #forgetHead(): void {
    this.#head = NOTHING;
    this.#headSentBytes = 0;
  }

  #over(): void {
    const trailers = this.#body?.trailers ?? "";
    if (trailers !== "") this.#copies?.trailers(Buffer.from(trailers, "latin1"));
    this.#copies?.end();
    this.#copies = undefined;
    this.#body = undefined;
    const answer = this.#due.shift();
    const note = this.#events.wayNote();
    if (note !== undefined) answer?.recording?.add(note);
    answer?.recording?.finish(answer.status);
    this.#events.onOver();
  }
}

// Closures are made here, and not where they are used: there every answer would pay for their variables.

function copier(copies: Copies, bytes: Buffer): BodySink {
  return (start, end) => copies.content(bytes, start, end);
}

function laterCopy(bytes: Buffer, from: number, to: number): () => Buffer {
  return () => Buffer.from(bytes.subarray(from, to));
}
