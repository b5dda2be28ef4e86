import { ByteWriter } from "./byte-writer.ts";
import { codeOfAsk } from "./file-ask.ts";
import { writeChanges } from "./file-changes.ts";
import { beginFileFrame, endFileFrame } from "./file-frames.ts";
import type { FileQuestion } from "./file-question.ts";

/** The frame of a question; its answer bears the same id. */
export function encodeFileQuestion(id: number, question: FileQuestion): Buffer {
  const to = new ByteWriter(question.ask === "write" ? question.data.length + 64 : 128);
  beginFileFrame(to, id);
  to.u8(codeOfAsk(question.ask));
  if ("handle" in question) to.u32(question.handle);
  if ("path" in question) to.shortBytes(question.path);
  writeRest(to, question);
  return endFileFrame(to);
}

function writeRest(to: ByteWriter, question: FileQuestion): void {
  switch (question.ask) {
    case "open":
      to.u32(question.flags);
      to.u32(question.mode);
      return to.u32(question.firstBytes);
    case "open-directory":
      return to.u32(question.maxBytes);
    case "make-directory":
    case "access":
      return to.u32(question.mode);
    case "rename":
      to.shortBytes(question.to);
      return to.u32(question.flags);
    case "link":
      return to.shortBytes(question.to);
    case "make-link":
      return to.shortBytes(question.target);
    case "change":
    case "change-open":
      return writeChanges(to, question.changes);
    case "read":
      to.size(question.offset);
      return to.u32(question.length);
    case "write":
      to.size(question.offset);
      to.flag(question.append);
      return to.longBytes(question.data);
    case "sync":
      return to.flag(question.dataOnly);
    case "read-directory":
      to.u64(question.after);
      return to.u32(question.maxBytes);
    case "seek":
      to.size(question.offset);
      return to.flag(question.to === "hole");
    case "allocate":
      to.u32(question.mode);
      to.size(question.offset);
      return to.size(question.length);
    case "cancel":
      return to.u32(question.id);
    default:
  }
}
