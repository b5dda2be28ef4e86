import { MAX_HEAD_BYTES } from "../limits.ts";

/** As an HTTP/1.1 head, with the 32 bytes a field that RFC 9113 §6.5.2 adds: 512 fields more. */
export const MAX_HEADER_LIST_BYTES = MAX_HEAD_BYTES + 512 * 32;

/** Compressed. No encoder makes a block larger than the list, but one may leave lists uncompressed. */
export const MAX_HEADER_BLOCK_BYTES = MAX_HEADER_LIST_BYTES;

/** nghttp2 takes 8 by default; a block of the largest size in frames of 16 KB needs 4. */
export const MAX_CONTINUATIONS = 8;
