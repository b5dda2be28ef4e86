import { closeSync } from "node:fs";
import {
  decodeFileQuestion,
  encodeFileAnswer,
  encodeReadAnswer,
  type FileAnswers,
  type FileAsk,
  type FileQuestion,
} from "../../protocol/files/index.ts";
import type { FileJob } from "./file-job.ts";
import { errnoOf } from "./errno-of.ts";
import { FileRefusal } from "./file-refusal.ts";
import * as open from "./open-file-questions.ts";
import * as tree from "./tree-questions.ts";

/** How new files are made to be the app's, where the thread has not its rights. */
export interface Making {
  /** Who they shall belong to; null when they do already. */
  readonly owner: { readonly user: number; readonly group: number } | null;
  /** Whether new files have the modes that are asked for. */
  readonly hasExactModes: boolean;
}

/** Where and how a question is answered. */
export interface Place extends Making {
  readonly root: number;
  readonly writes: boolean;
}

export interface Answered {
  readonly answer: Uint8Array<ArrayBuffer>;
  /** A descriptor that the caller owns from here on. */
  readonly opened: number | null;
}

/** Does what a question asks, and waits for it. @throws ProtocolError */
export function answerFileQuestion(job: FileJob, making: Making): Answered {
  const { id, question } = decodeFileQuestion(job.frame);
  const place = { root: job.root, writes: job.writes, ...making };
  // `encodeFileAnswer` gives views of memory of their own, never of the pool: no SharedArrayBuffer.
  const framed = (answer: Buffer): Uint8Array<ArrayBuffer> => answer as Uint8Array<ArrayBuffer>;
  let opened: number | null = null;
  try {
    const { ask } = question;
    if (!place.writes && isChange(question)) throw new FileRefusal("EROFS");
    if (ask === "read") {
      const descriptor = needed(job);
      const { offset, length } = question;
      const fill = (into: Buffer): number => open.read(descriptor, into, offset);
      return { answer: framed(encodeReadAnswer(id, length, fill)), opened };
    }
    if (ask === "open" || ask === "open-directory") {
      const { descriptor, answer } =
        ask === "open"
          ? open.openFile(place, question, job.newHandle)
          : open.openDirectory(place, question, job.newHandle);
      opened = descriptor;
      return { answer: framed(encodeFileAnswer<FileAsk>(id, ask, { errno: null, answer })), opened };
    }
    const answer = "handle" in question ? open.answer(needed(job), question) : tree.answer(place, question);
    return { answer: framed(encodeFileAnswer<FileAsk>(id, ask, { errno: null, answer })), opened };
  } catch (error) {
    if (opened !== null) closeSync(opened);
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { answer: framed(encodeFileAnswer(id, question.ask, { errno })), opened: null };
  }
}

/** What a question that went well is answered with. */
export type Answer = FileAnswers[Exclude<FileAsk, "cancel">];

function needed({ descriptor }: FileJob): number {
  if (descriptor === null) throw new FileRefusal("EBADF");
  return descriptor;
}

/** Whether it would change something, whatever it finds. An `open` that may is looked at where it is answered. */
function isChange({ ask }: FileQuestion): boolean {
  return changing.has(ask);
}

const changing: ReadonlySet<FileAsk> = new Set([
  "make-directory",
  "remove-directory",
  "unlink",
  "rename",
  "link",
  "make-link",
  "change",
  "change-open",
  "write",
  "allocate",
]);
