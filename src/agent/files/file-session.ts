import { closeDescriptor } from "../../kernel/index.ts";
import {
  decodeFileQuestion,
  decodeFileQuestionHead,
  encodeFileAnswer,
  encodeFilesWelcome,
  FileFrameReader,
  type FileQuestionHead,
  type FilesWelcome,
  MAX_FILE_QUESTIONS,
  ProtocolError,
} from "../../protocol/index.ts";
import { STREAM_QUEUE_BYTES, type StreamEvents, type TunnelStream } from "../../tunnel/index.ts";
import type { OpenCount } from "../open-count.ts";
import { type CrewLane, type FileCrew, type JobDone, MAX_LANE_JOBS, type Order } from "./file-crew.ts";
import { type OpenHandle, OpenHandles } from "./open-handles.ts";

/** Questions may lie here up to this size; then the client gets no more credit until some are answered. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;

/** A client holds itself to half of it; what it cancelled may be among these. */
const MAX_WAITING = 2 * MAX_FILE_QUESTIONS;

interface Question {
  readonly head: FileQuestionHead;
  readonly frame: Buffer;
}

/**
 * One stream of questions about files.
 *
 * `opening` while it is not known whose files they are: questions wait → `serving` → `over`, when the client has ended or reset
 * the stream, or has broken the protocol. What is open is closed when the last question under way is done.
 */
export class FileSession implements StreamEvents {
  readonly #stream: TunnelStream;
  readonly #writes: boolean;
  readonly #handles: OpenHandles;
  readonly #onFault: (error: unknown) => void;
  readonly #reader = new FileFrameReader((frame) => this.#take(frame));
  readonly #over = Promise.withResolvers<void>();
  readonly #waiting: Question[] = [];
  #waitingBytes = 0;
  #owedCredit = 0;
  #running = 0;
  #root = -1;
  #lane: CrewLane | undefined;
  #state: "opening" | "serving" | "over" = "opening";

  constructor(options: {
    stream: TunnelStream;
    writes: boolean;
    handles: OpenCount;
    onFault: (error: unknown) => void;
  }) {
    this.#stream = options.stream;
    this.#writes = options.writes;
    this.#handles = new OpenHandles(options.handles);
    this.#onFault = options.onFault;
  }

  /** Begins to answer; settles when the stream is over and nothing uses the root any more. The descriptor stays the caller's. */
  async serve(about: { root: number; crew: FileCrew; welcome: FilesWelcome }): Promise<void> {
    if (this.#state !== "opening") return;
    this.#state = "serving";
    this.#root = about.root;
    this.#lane = about.crew.join();
    this.#stream.sendHead(encodeFilesWelcome(about.welcome));
    this.#pump();
    await this.#over.promise;
  }

  onHead(): void {
    this.#breach("a HEAD on a stream of questions");
  }

  onData(chunk: Buffer): void {
    this.#owedCredit += chunk.length;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#breach(error.message);
    }
    this.#pump();
  }

  onEnd(): void {
    this.#stream.end();
    this.#finish();
  }

  onReset(): void {
    this.#finish();
  }

  onDrain(): void {
    this.#pump();
  }

  #take(frame: Buffer): void {
    const head = decodeFileQuestionHead(frame);
    if (head.ask === "cancel") return this.#cancel(frame);
    if (this.#waiting.length >= MAX_WAITING) return this.#breach("too many questions at once");
    this.#waiting.push({ head, frame });
    this.#waitingBytes += frame.length;
  }

  /** One that runs is not stopped: its answer comes, and nobody waits for it. */
  #cancel(frame: Buffer): void {
    const { question } = decodeFileQuestion(frame);
    if (question.ask !== "cancel") return;
    const at = this.#waiting.findIndex(({ head }) => head.id === question.id);
    const [cancelled] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (cancelled === undefined) return;
    this.#waitingBytes -= cancelled.frame.length;
    this.#answer(encodeFileAnswer(cancelled.head.id, cancelled.head.ask, { errno: "EINTR" }));
  }

  /** Gives out questions, the oldest first, as long as there is room for their answers. */
  #pump(): void {
    if (this.#state === "serving") {
      for (let at = 0; at < this.#waiting.length && this.#hasRoom(); ) {
        const question = this.#waiting[at];
        if (question === undefined || this.#mustWait(question)) at++;
        else {
          this.#waiting.splice(at, 1);
          this.#waitingBytes -= question.frame.length;
          this.#start(question);
        }
      }
    }
    if (this.#waitingBytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_FILE_QUESTIONS) return;
    const owed = this.#owedCredit;
    this.#owedCredit = 0;
    if (owed > 0) this.#stream.consumed(owed);
  }

  #hasRoom(): boolean {
    return this.#running < MAX_LANE_JOBS && this.#stream.queuedBytes < STREAM_QUEUE_BYTES;
  }

  /** Whether its handle is in use in a way that this question must not meet. */
  #mustWait({ head }: Question): boolean {
    const handle = head.handle === null ? undefined : this.#handles.get(head.handle);
    if (handle === undefined || handle.uses === 0) return false;
    return handle.isDirectory || handle.isClosing || head.ask === "close";
  }

  #start({ head, frame }: Question): void {
    const { id, ask } = head;
    const handle = head.handle === null ? undefined : this.#handles.get(head.handle);
    const fails = (errno: string): void => this.#answer(encodeFileAnswer(id, ask, { errno }));
    if (head.handle !== null && handle === undefined) return fails("EBADF");
    const opens = ask === "open" || ask === "open-directory";
    const newHandle = opens ? this.#handles.reserve() : 0;
    if (newHandle === undefined) return fails("EMFILE");
    this.#running++;
    if (handle !== undefined) {
      handle.uses++;
      handle.isClosing ||= ask === "close";
    }
    const order = {
      root: this.#root,
      frame: frame as Buffer<ArrayBuffer>, // FileFrameReader gives each its own memory.
      descriptor: handle?.descriptor ?? null,
      newHandle,
      writes: this.#writes,
    };
    void this.#run(head, { order, handle, newHandle: opens ? newHandle : null });
  }

  /** Never rejects. */
  async #run(
    { id, ask, handle: number }: FileQuestionHead,
    about: { order: Order; handle: OpenHandle | undefined; newHandle: number | null },
  ): Promise<void> {
    const { order, handle, newHandle } = about;
    try {
      if (this.#lane === undefined)
        throw new Error("nobody answers questions before it is known whose files");
      this.#done(await this.#lane.run(order), { newHandle, ask });
      // close(2) closes, whatever it says.
      if (ask === "close" && number !== null) this.#handles.remove(number);
    } catch (error) {
      if (newHandle !== null) this.#handles.withdraw();
      if (this.#state !== "over") this.#onFault(error);
      this.#answer(encodeFileAnswer(id, ask, { errno: "EIO" }));
    }
    this.#release(handle);
  }

  #done(done: JobDone, about: { newHandle: number | null; ask: FileQuestionHead["ask"] }): void {
    const opened = done.about === "done" ? done.opened : null;
    if (about.newHandle !== null) {
      if (opened === null) this.#handles.withdraw();
      else {
        const isDirectory = about.ask === "open-directory";
        this.#handles.add(about.newHandle, { descriptor: opened, isDirectory });
      }
    } else if (opened !== null) closeDescriptor(opened);
    if (done.about === "breach") return this.#breach(done.text);
    this.#answer(done.answer);
  }

  #release(handle: OpenHandle | undefined): void {
    this.#running--;
    if (handle !== undefined) handle.uses--;
    if (this.#state === "over") this.#closeWhenIdle();
    else this.#pump();
  }

  #answer(frame: Uint8Array): void {
    if (this.#state !== "over") this.#stream.write(frame);
  }

  #breach(text: string): void {
    this.#stream.reset("protocol-error", text);
    this.#finish();
  }

  #finish(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#waiting.length = 0;
    this.#lane?.leave();
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#running > 0) return;
    this.#handles.closeAll();
    this.#over.resolve();
  }
}
