/** A larger head is not held back any longer; the connection becomes opaque. Node's own server refuses above 16 KB. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** More field lines than any server takes by default (nginx and Apache stop at 100). */
export const MAX_FIELDS = 512;

/** Trailers are held until they are whole where a stolen message is framed again. */
export const MAX_TRAILER_BYTES = 64 * 1024;

/** Extensions of one chunk; nobody uses them, long ones are an attack (CVE-2023-39326). */
export const MAX_CHUNK_LINE_BYTES = 4 * 1024;
