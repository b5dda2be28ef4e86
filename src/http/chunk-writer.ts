/** The last chunk and the end of a chunked body without trailers (RFC 9112 §7.1). */
export const LAST_CHUNK = Buffer.from("0\r\n\r\n", "latin1");

/** Frames data as one chunk. An empty chunk would end the body, so nothing is made of nothing. */
export function writeChunk(data: Uint8Array): Buffer {
  if (data.length === 0) return Buffer.alloc(0);
  const size = `${data.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(size.length + data.length + 2);
  chunk.write(size, 0, "latin1");
  chunk.set(data, size.length);
  chunk[chunk.length - 2] = 13;
  chunk[chunk.length - 1] = 10;
  return chunk;
}

/** The last chunk with trailer lines, each of which must end in CRLF. */
export function writeLastChunk(trailers: string): Buffer {
  return trailers === "" ? LAST_CHUNK : Buffer.from(`0\r\n${trailers}\r\n`, "latin1");
}
