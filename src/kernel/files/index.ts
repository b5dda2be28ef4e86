export * as files from "./file-calls.ts";
export type { EntryFound, FileIdentity, FileSystemStatus, NameIn } from "./file-calls.ts";
export { FileKind, type FileStatus, type KernelTime } from "./file-status.ts";
export { KernelError } from "../kernel-error.ts";
