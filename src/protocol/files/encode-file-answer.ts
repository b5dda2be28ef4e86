import { ByteWriter } from "./byte-writer.ts";
import type {
  DirectoryEntry,
  FileAnswers,
  FileOutcome,
  FileSystemSpace,
  LookedUp,
  WalkStep,
} from "./file-answer.ts";
import { writeAttributes } from "./file-attributes.ts";
import { beginFileFrame, endFileFrame } from "./file-frames.ts";
import type { FileAsk } from "./file-question.ts";

/** The frame of an answer. @throws ProtocolError `too-large` */
export function encodeFileAnswer<Ask extends FileAsk>(
  id: number,
  ask: Ask,
  outcome: FileOutcome<Ask>,
): Buffer {
  if (outcome.errno !== null) return encodeFailure(id, outcome.errno);
  const to = new ByteWriter();
  beginFileFrame(to, id);
  to.word("");
  // The writer of an ask takes that ask's answer, as the type of `writers` says; TypeScript does not see that both are one.
  (writers[ask] as (to: ByteWriter, answer: FileAnswers[Ask]) => void)(to, outcome.answer);
  return endFileFrame(to);
}

/** The frame of an answer to `read`, which `fill` writes into the memory it is given; it gives how much there is. */
export function encodeReadAnswer(id: number, length: number, fill: (into: Buffer) => number): Buffer {
  const to = new ByteWriter(length + 32);
  beginFileFrame(to, id);
  to.word("");
  const countAt = to.length;
  to.u32(0);
  const count = fill(to.reserve(length));
  to.setU32(countAt, count);
  to.cutTo(countAt + 4 + count);
  return endFileFrame(to);
}

function encodeFailure(id: number, errno: string): Buffer {
  const to = new ByteWriter(32);
  beginFileFrame(to, id);
  to.word(errno);
  return endFileFrame(to);
}

const nothing = (): void => {};
const writeOnlyAttributes = (to: ByteWriter, { attributes }: FileAnswers["status"]): void =>
  writeAttributes(to, attributes);

const writers: { [Ask in FileAsk]: (to: ByteWriter, answer: FileAnswers[Ask]) => void } = {
  "look-up": writeLookedUp,
  walk: (to, { steps }) => {
    to.u16(steps.length);
    for (const step of steps) writeStep(to, step);
  },
  "read-link": (to, { target }) => to.shortBytes(target),
  open: (to, { handle, attributes, data }) => {
    to.u32(handle);
    writeAttributes(to, attributes);
    to.flag(data !== null);
    if (data !== null) to.longBytes(data);
  },
  "open-directory": (to, { handle, attributes, entries }) => {
    to.u32(handle);
    writeAttributes(to, attributes);
    writeEntries(to, entries);
  },
  "make-directory": writeOnlyAttributes,
  "remove-directory": nothing,
  unlink: nothing,
  rename: nothing,
  link: writeOnlyAttributes,
  "make-link": writeOnlyAttributes,
  change: writeOnlyAttributes,
  space: writeSpace,
  access: nothing,
  read: (to, { data }) => to.longBytes(data),
  write: (to, { written }) => to.u32(written),
  close: nothing,
  flush: nothing,
  sync: nothing,
  "read-directory": (to, { entries }) => writeEntries(to, entries),
  status: writeOnlyAttributes,
  "change-open": writeOnlyAttributes,
  seek: (to, { offset }) => to.size(offset),
  allocate: nothing,
  cancel: nothing,
};

function writeLookedUp(to: ByteWriter, { attributes, target }: LookedUp): void {
  writeAttributes(to, attributes);
  to.flag(target !== null);
  if (target !== null) to.shortBytes(target);
}

function writeStep(to: ByteWriter, step: WalkStep): void {
  to.shortBytes(step.path);
  to.word(step.errno ?? "");
  if (step.errno === null) writeLookedUp(to, step);
}

function writeEntries(to: ByteWriter, entries: readonly DirectoryEntry[]): void {
  to.u32(entries.length);
  for (const { name, inode, type, cookie, attributes } of entries) {
    to.shortBytes(name);
    to.u64(inode);
    to.u8(type);
    to.u64(cookie);
    to.flag(attributes !== null);
    if (attributes !== null) writeAttributes(to, attributes);
  }
}

function writeSpace(to: ByteWriter, space: FileSystemSpace): void {
  to.u32(space.blockBytes);
  for (const count of [space.blocks, space.free, space.available, space.files, space.freeFiles])
    to.size(count);
  to.u32(space.maxNameBytes);
}
