export {
  type DirectoryEntry,
  type DirectoryPart,
  type FileAnswers,
  type FileOutcome,
  type FileSystemSpace,
  type LookedUp,
  type OpenedDirectory,
  type OpenedFile,
  type Walked,
  type WalkStep,
} from "./file-answer.ts";
export type { DeviceNumber, FileAttributes, FileTime } from "./file-attributes.ts";
export { decodeFileAnswer, fileAnswerId } from "./decode-file-answer.ts";
export {
  decodeFileQuestion,
  decodeFileQuestionHead,
  type FileQuestionHead,
} from "./decode-file-question.ts";
export { encodeFileAnswer, encodeReadAnswer } from "./encode-file-answer.ts";
export { encodeFileQuestion } from "./encode-file-question.ts";
export { FileFrameReader } from "./file-frames.ts";
export {
  type FileAsk,
  type FileChanges,
  type FileQuestion,
  MAX_FILE_DATA_BYTES,
  MAX_FILE_FRAME_BYTES,
  MAX_FILE_PATH_BYTES,
  MAX_FILE_QUESTIONS,
  OpenFlag,
} from "./file-question.ts";
export { decodeFilesWelcome, encodeFilesWelcome, type FilesWelcome } from "./files-welcome.ts";
export { ProtocolError } from "../errors.ts";
