import {
  decodeFileAnswer,
  decodeFilesWelcome,
  encodeFileQuestion,
  fileAnswerId,
  type FileAnswers,
  type FileAsk,
  FileFrameReader,
  type FileOutcome,
  type FileQuestion,
  type FilesWelcome,
  MAX_FILE_QUESTIONS,
  ProtocolError,
} from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { FilesError } from "./files-error.ts";

/** A question that has no answer yet. */
interface Pending {
  readonly question: FileQuestion;
  readonly settle: (frame: Buffer) => void;
  readonly fail: (error: FilesError) => void;
}

/**
 * Questions about files and their answers on one stream; many at once. Those that there is no room for wait here, for whoever
 * asks waits as well. `onOver` is called once, when the stream is over and every question has failed with EIO.
 */
export class QuestionStream implements StreamEvents {
  readonly #welcome = Promise.withResolvers<FilesWelcome>();
  readonly #reader = new FileFrameReader((frame) => this.#answer(frame));
  readonly #onOver: (why: FilesError) => void;
  /** Sent, by their ids. */
  readonly #pending = new Map<number, Pending>();
  readonly #waiting = new Map<number, Pending>();
  #lastId = 0;
  #stream: TunnelStream | undefined;
  #isFull = false;
  #over: FilesError | undefined;

  constructor(onOver: (why: FilesError) => void) {
    this.#onOver = onOver;
    // Whoever is interested asks for it.
    this.#welcome.promise.catch(() => {});
  }

  /** Whose files they are. Rejects with a FilesError when they cannot be had. */
  get welcome(): Promise<FilesWelcome> {
    return this.#welcome.promise;
  }

  /** The stream whose events these are; to be called once. */
  start(stream: TunnelStream): void {
    this.#stream = stream;
    this.#pump();
  }

  /**
   * Gives the answer. When `signal` is aborted the question is given up with `EINTR`; whether it was done is then not known, and
   * what it may have opened is closed.
   * @throws FilesError
   */
  async ask<Ask extends FileAsk>(
    question: FileQuestion & { ask: Ask },
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<FileAnswers[Ask]> {
    if (this.#over !== undefined) throw new FilesError("EIO", this.#over.message);
    if (signal?.aborted === true) throw new FilesError("EINTR");
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const id = this.#nextId();
    this.#waiting.set(id, { question, settle: resolve, fail: reject });
    const giveUp = (): void => this.#giveUp(id);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#pump();
    try {
      return answerIn(decodeFileAnswer(question.ask, await promise));
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Closes everything that is open. Safe to call twice. */
  close(): void {
    this.#stream?.end();
    this.#end("files were closed");
  }

  onHead(payload: Buffer): void {
    try {
      this.#welcome.resolve(decodeFilesWelcome(payload));
    } catch (error) {
      this.#breach(error);
    }
  }

  onData(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      return this.#breach(error);
    }
    this.#stream?.consumed(chunk.length);
    this.#pump();
  }

  onEnd(): void {
    this.#end("the agent ended the stream");
  }

  onReset(_code: string, text: string): void {
    this.#end(text === "" ? "the agent is gone" : text);
  }

  onDrain(): void {
    this.#isFull = false;
    this.#pump();
  }

  /** The next free one. */
  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) % 2 ** 32;
    while (this.#pending.has(this.#lastId) || this.#waiting.has(this.#lastId));
    return this.#lastId;
  }

  #pump(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    for (const [id, pending] of this.#waiting) {
      if (this.#isFull || this.#pending.size >= MAX_FILE_QUESTIONS) return;
      this.#waiting.delete(id);
      this.#pending.set(id, pending);
      this.#isFull = !stream.write(encodeFileQuestion(id, pending.question));
    }
  }

  #giveUp(id: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.fail(new FilesError("EINTR"));
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    // Its answer will come, and may bring something that is open.
    this.#pending.set(id, { ...pending, settle: (frame) => this.#closeUnwanted(pending.question, frame) });
    this.#stream?.write(encodeFileQuestion(this.#nextId(), { ask: "cancel", id }));
    pending.fail(new FilesError("EINTR"));
  }

  #closeUnwanted({ ask }: FileQuestion, frame: Buffer): void {
    if (ask !== "open" && ask !== "open-directory") return;
    const outcome = decodeFileAnswer(ask, frame);
    if (outcome.errno !== null) return;
    this.ask({ ask: "close", handle: outcome.answer.handle }).catch(() => {});
  }

  #answer(frame: Buffer): void {
    const id = fileAnswerId(frame);
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new ProtocolError("bad-payload", "an answer that nobody waits for");
    this.#pending.delete(id);
    pending.settle(frame);
  }

  #breach(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.#stream?.reset("protocol-error", error.message);
    this.#end(`the agent's answer cannot be read: ${error.message}`);
  }

  #end(why: string): void {
    if (this.#over !== undefined) return;
    const error = new FilesError("EIO", why);
    this.#over = error;
    this.#welcome.reject(error);
    const left = [...this.#pending.values(), ...this.#waiting.values()];
    this.#pending.clear();
    this.#waiting.clear();
    for (const { fail } of left) fail(error);
    this.#onOver(error);
  }
}

function answerIn<Ask extends FileAsk>(outcome: FileOutcome<Ask>): FileAnswers[Ask] {
  if (outcome.errno !== null) throw new FilesError(outcome.errno);
  return outcome.answer;
}
