import {
  type DecodedBlock,
  Fields,
  HpackDecoder,
  Http2Error,
  MAX_HEADER_LIST_BYTES,
  parseResponseHead,
} from "../../../http/index.ts";
import { ProtocolError } from "../../../protocol/index.ts";

/**
 * Reads a header block that needs no table, as the tunnel carries them.
 * @throws ProtocolError `bad-payload`, for one that is none or is too large
 */
export function readPlainBlock(bytes: Buffer): DecodedBlock {
  try {
    const block = new HpackDecoder({ maxListBytes: MAX_HEADER_LIST_BYTES, maxTableBytes: 0 }).decode(bytes);
    if (!block.isTooLarge) return block;
    throw new ProtocolError("bad-payload", `a field list above ${MAX_HEADER_LIST_BYTES} bytes`);
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    throw new ProtocolError("bad-payload", `no header block: ${error.message}`, { cause: error });
  }
}

/**
 * Reads trailer lines of HTTP/1.1, each with its CRLF.
 * @throws ProtocolError `bad-payload`
 */
export function readTrailerLines(lines: Buffer): Fields {
  if (lines.length === 0) return Fields.fromPairs([]);
  const head = parseResponseHead(Buffer.concat([statusLine, lines, lineEnd]), "GET");
  if (!("ambiguity" in head)) return head.fields;
  throw new ProtocolError("bad-payload", `trailers that cannot be read: ${head.ambiguity}`);
}

const statusLine = Buffer.from("HTTP/1.1 204 \r\n", "latin1");
const lineEnd = Buffer.from("\r\n", "latin1");
