import { MAX_HEAD_BYTES } from "../limits.ts";

/** As an HTTP/1.1 head, with the 32 bytes a field that RFC 9113 §6.5.2 adds: 512 fields more. */
export const MAX_HEADER_LIST_BYTES = MAX_HEAD_BYTES + 512 * 32;

/** Compressed. No encoder makes a block larger than the list, but one may leave lists uncompressed. */
export const MAX_HEADER_BLOCK_BYTES = MAX_HEADER_LIST_BYTES;

/** nghttp2 takes 8 by default; a block of the largest size in frames of 16 KB needs 4. */
export const MAX_CONTINUATIONS = 8;

/**
 * Largest frame that is kept until it is whole, whatever SETTINGS_MAX_FRAME_SIZE allows: a header block above the limit in
 * one frame is refused before a byte of it is kept. DATA is never kept, so its frames may be as large as its reader allows.
 */
export const MAX_GATHERED_FRAME_BYTES = 128 * 1024;

/** Settings of one frame; nghttp2 (so Node, Envoy, curl) takes 32 by default. Seven are defined. */
export const MAX_SETTINGS_PER_FRAME = 32;

/**
 * Largest table that a reader of requests keeps, whatever SETTINGS_HEADER_TABLE_SIZE allows; browsers and proxies use 4 to
 * 64 KB. An encoder that makes use of more cannot be followed.
 */
export const MAX_TABLE_BYTES = 256 * 1024;
