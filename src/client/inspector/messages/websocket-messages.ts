import { constants, inflateRawSync } from "node:zlib";
import type { HeaderLine, MessageList } from "../page-contract.ts";
import { isJsonText } from "./json-text.ts";
import { maxUnpackedBytes, MessageGatherer, shownHex, shownText } from "./message-list.ts";

const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;
/** RFC 7692 §7.2.2: what was taken from the end of each message. */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** RFC 7692 §7: no window is larger. */
const windowBytes = 32 * 1024;

interface Frame {
  readonly isLast: boolean;
  readonly isCompressed: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly length: number;
}

/**
 * Reads the messages of one direction of a WebSocket (RFC 6455 §5), fragments put together and permessage-deflate (RFC 7692)
 * undone. `headers` are those of the 101. What cannot be read ends the list with a note.
 */
export function webSocketMessages(
  bytes: Buffer,
  about: { readonly headers: readonly HeaderLine[]; readonly from: "client" | "server" },
): MessageList {
  const gathered = new MessageGatherer();
  const unpack = unpackerFor(about);
  let at = 0;
  let open: { opcode: number; isCompressed: boolean; parts: Buffer[] } | undefined;
  while (at < bytes.length) {
    const frame = readFrame(bytes.subarray(at));
    if (frame === undefined) {
      gathered.note = "the last frame has not ended, or is not kept to its end";
      break;
    }
    at += frame.length;
    if (frame.opcode >= opcodes.close) {
      addControl(gathered, frame);
      continue;
    }
    if (frame.opcode !== opcodes.continuation)
      open = { opcode: frame.opcode, isCompressed: frame.isCompressed, parts: [] };
    if (open === undefined) {
      gathered.note = "a fragment came without its beginning";
      break;
    }
    open.parts.push(frame.payload);
    if (!frame.isLast) continue;
    const payload = open.isCompressed ? unpack(Buffer.concat(open.parts)) : Buffer.concat(open.parts);
    if (payload === undefined) {
      gathered.note = "a message could not be unpacked";
      break;
    }
    addData(gathered, open.opcode, payload);
    open = undefined;
  }
  return gathered.list;
}

function addData(gathered: MessageGatherer, opcode: number, payload: Buffer): void {
  if (opcode === opcodes.text) {
    const text = payload.toString("utf8");
    const kind = isJsonText(text) ? "json" : "text";
    gathered.add({ kind, name: "", text: shownText(text), bytes: payload.length });
  } else gathered.add({ kind: "binary", name: "", text: shownHex(payload), bytes: payload.length });
}

/** RFC 6455 §5.5. */
function addControl(gathered: MessageGatherer, { opcode, payload }: Frame): void {
  const { length } = payload;
  if (opcode === opcodes.close) {
    const name = length >= 2 ? String(payload.readUInt16BE(0)) : "";
    gathered.add({ kind: "close", name, text: payload.subarray(2).toString("utf8"), bytes: length });
    return;
  }
  gathered.add({
    kind: opcode === opcodes.ping ? "ping" : "pong",
    name: "",
    text: shownHex(payload),
    bytes: length,
  });
}

/** RFC 6455 §5.2. Undefined while it is not whole. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  let size = second & 0x7f;
  let at = 2;
  if (size === 126) {
    if (bytes.length < 4) return undefined;
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return undefined;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  const isMasked = (second & 0x80) !== 0;
  if (isMasked) at += 4;
  if (bytes.length < at + size) return undefined;
  const said = bytes.subarray(at, at + size);
  return {
    isLast: (first & 0x80) !== 0,
    isCompressed: (first & 0x40) !== 0,
    opcode: first & 0x0f,
    payload: isMasked ? unmasked(said, bytes.subarray(at - 4, at)) : said,
    length: at + size,
  };
}

/** RFC 6455 §5.3. */
function unmasked(payload: Buffer, key: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(payload.length);
  for (let at = 0; at < payload.length; at++) plain[at] = (payload[at] ?? 0) ^ (key[at & 3] ?? 0);
  return plain;
}

/** Undoes the compression of one message after another: each may lean on what came before it. */
function unpackerFor(about: {
  readonly headers: readonly HeaderLine[];
  readonly from: "client" | "server";
}): (packed: Buffer) => Buffer | undefined {
  const extensions = about.headers
    .filter(([name]) => name.toLowerCase() === "sec-websocket-extensions")
    .map(([, value]) => value)
    .join(",");
  const forgets = extensions.toLowerCase().includes(`${about.from}_no_context_takeover`);
  let dictionary: Buffer = Buffer.alloc(0);
  return (packed) => {
    try {
      const plain = inflateRawSync(Buffer.concat([packed, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: maxUnpackedBytes,
        ...(dictionary.length > 0 ? { dictionary } : {}),
      });
      if (!forgets) dictionary = Buffer.concat([dictionary, plain]).subarray(-windowBytes);
      return plain;
    } catch {
      return undefined;
    }
  };
}
