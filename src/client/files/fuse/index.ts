export { FileMount, type FileMountOptions } from "./file-mount.ts";
