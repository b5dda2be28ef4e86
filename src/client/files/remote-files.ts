import {
  type FileAnswers,
  type FileAsk,
  type FileQuestion,
  type FilesOpening,
  type FilesWelcome,
  MAX_FILE_DATA_BYTES,
  OpenFlag,
} from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { FilesError } from "./files-error.ts";
import { QuestionStream } from "./question-stream.ts";
import { remotePath } from "./remote-path.ts";

/** A handle of a stream is a number of 32 bits; above it stands which stream that was. */
const STREAM_FACTOR = 2 ** 32;
/** So much of a small file comes with the answer that opens it. */
const FIRST_BYTES = 64 * 1024;

export interface RemoteFilesOptions {
  /** Opens a stream to the agent, such as `Session.openStream` does. */
  readonly open: (opening: FilesOpening, events: StreamEvents) => TunnelStream;
  /** Whose files; null lets the agent choose the app's process. */
  readonly process: number | null;
  /** Whether anything may be changed. */
  readonly writes: boolean;
}

/**
 * The pod's files, asked over a session. When its stream is lost every question under way fails with EIO, and what was open
 * stays lost; the next question opens another stream, so that files are there again when the agent is.
 * Whoever makes it closes it.
 */
export class RemoteFiles {
  readonly #options: RemoteFilesOptions;
  #stream: QuestionStream | undefined;
  #streamNumber = 0;
  #isClosed = false;

  constructor(options: RemoteFilesOptions) {
    this.#options = options;
  }

  /** Whose files they are. @throws FilesError that says why they cannot be had */
  async whose(): Promise<FilesWelcome> {
    return await this.#opened().welcome;
  }

  /**
   * Asks, and gives the answer. Handles are valid for these files only, and stay with them for ever: an old one fails with EIO.
   * When `signal` is aborted the question is given up with `EINTR`; whether it was done is then not known.
   * @throws FilesError
   */
  async ask<Ask extends FileAsk>(
    question: FileQuestion & { ask: Ask },
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<FileAnswers[Ask]> {
    const stream = this.#opened();
    const streamNumber = this.#streamNumber;
    if (!("handle" in question)) {
      const answer = await stream.ask<Ask>(question, options);
      if ("handle" in answer) return { ...answer, handle: streamNumber * STREAM_FACTOR + answer.handle };
      return answer;
    }
    if (Math.floor(question.handle / STREAM_FACTOR) !== streamNumber)
      throw new FilesError("EIO", "the connection on which it was opened is lost");
    return await stream.ask<Ask>({ ...question, handle: question.handle % STREAM_FACTOR }, options);
  }

  /**
   * The bytes of a regular file, links followed.
   * @throws FilesError, also `EFBIG` when there are more than `maxBytes`
   */
  async readFile(
    path: string | Uint8Array,
    { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal },
  ): Promise<Buffer> {
    const flags = OpenFlag.read | OpenFlag.follow;
    const firstBytes = Math.min(maxBytes, FIRST_BYTES);
    const opening = { ask: "open", path: remotePath(path), flags, mode: 0, firstBytes } as const;
    const { handle, data } = await this.ask(opening, { signal });
    try {
      return data ?? (await this.#readAll(handle, { maxBytes, signal }));
    } finally {
      this.ask({ ask: "close", handle }).catch(() => {}); // Nothing was written: there is nothing to hear.
    }
  }

  /** Closes everything that is open; questions fail with EIO from here on. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.close();
  }

  async #readAll(
    handle: number,
    { maxBytes, signal }: { maxBytes: number; signal: AbortSignal | undefined },
  ): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let offset = 0; offset <= maxBytes; ) {
      const length = Math.min(MAX_FILE_DATA_BYTES, maxBytes + 1 - offset);
      const { data } = await this.ask({ ask: "read", handle, offset, length }, { signal });
      parts.push(data);
      offset += data.length;
      if (data.length < length) break;
    }
    const all = Buffer.concat(parts);
    if (all.length > maxBytes) throw new FilesError("EFBIG", `the file has more than ${maxBytes} bytes`);
    return all;
  }

  #opened(): QuestionStream {
    if (this.#isClosed) throw new FilesError("EIO", "files were closed");
    if (this.#stream !== undefined) return this.#stream;
    const stream = new QuestionStream(() => {
      if (this.#stream === stream) this.#stream = undefined;
    });
    const { process, writes } = this.#options;
    // Where there is no session at the moment this fails, and the next question tries again.
    const opened = this.#options.open({ kind: "files", process, writes }, stream);
    this.#stream = stream;
    this.#streamNumber++;
    stream.start(opened);
    return stream;
  }
}
