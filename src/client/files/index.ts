export type { FileMode, FileRule } from "./file-rule.ts";
export { FilesError } from "./files-error.ts";
export { RemoteFiles, type RemoteFilesOptions } from "./remote-files.ts";
export { remotePath } from "./remote-path.ts";
export { FileMount, type FileMountOptions } from "./fuse/index.ts";
