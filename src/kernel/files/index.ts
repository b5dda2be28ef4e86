export * as files from "./file-calls.ts";
export type { EntryFound, FileSystemStatus, NameIn } from "./file-calls.ts";
export { actOnFilesAs, type FileIdentity, makeFilesWithExactModes } from "./file-identity.ts";
export { FileKind, type FileStatus, type KernelTime } from "./file-status.ts";
export { errnoName, KernelError } from "../kernel-error.ts";
