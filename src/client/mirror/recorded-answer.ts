import { ProtocolError } from "../../protocol/index.ts";
import { type Answer, AnswerRecorder, type AnswerEnd, type FieldPair } from "../compare/index.ts";
import { type HeadKind, readAnswerHead, readAnswerTrailers } from "./answer-heads.ts";

/**
 * One answer as it passes on a stream, gathered for comparing. States: recording → over; `onAnswer` is called once, on the
 * way. What comes later is left out. Its memory is bounded by `captureBytes`.
 */
export class RecordedAnswer {
  readonly #kind: HeadKind;
  readonly #method: string;
  readonly #recorder: AnswerRecorder;
  readonly #now: () => number;
  #onAnswer: ((answer: Answer) => void) | undefined;
  #trailers: readonly FieldPair[] = [];

  /** Times are counted from now on. */
  constructor(options: {
    kind: HeadKind;
    /** Of the request. */
    method: string;
    captureBytes?: number;
    /** When the request was forwarded; now when it is left out. */
    startedMs?: number;
    now: () => number;
    onAnswer: (answer: Answer) => void;
  }) {
    const { kind, method, captureBytes, startedMs = options.now() } = options;
    this.#kind = kind;
    this.#method = method;
    this.#now = options.now;
    this.#onAnswer = options.onAnswer;
    this.#recorder = new AnswerRecorder({
      startedMs,
      ...(captureBytes === undefined ? {} : { captureBytes }),
    });
  }

  get isOver(): boolean {
    return this.#onAnswer === undefined;
  }

  /** The final head, in the form of its kind. */
  head(bytes: Buffer): void {
    this.#read(() => {
      const head = readAnswerHead(this.#kind, bytes, this.#method);
      this.#recorder.head({ ...head, nowMs: this.#now() });
      // What follows is no part of the answer (RFC 9110 §7.8 and §9.3.6).
      if (head.status === 101 || (this.#method === "CONNECT" && head.status < 300)) this.complete();
    });
  }

  data(chunk: Buffer): void {
    this.#recorder.data(chunk);
  }

  trailers(bytes: Buffer): void {
    this.#read(() => {
      this.#trailers = readAnswerTrailers(this.#kind, bytes);
    });
  }

  complete(): void {
    this.#end({ how: "complete" });
  }

  /** The rest does not come; `reason` is for people. */
  lost(reason: string): void {
    this.#end({ how: "none", reason });
  }

  #read(read: () => void): void {
    try {
      if (!this.isOver) read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.lost(error.message);
    }
  }

  #end(end: AnswerEnd): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(this.#recorder.end(end, { nowMs: this.#now(), trailers: this.#trailers }));
  }
}
