import { gunzipSync, inflateSync } from "node:zlib";
import type { HeaderLine, MessageList } from "../page-contract.ts";
import type { Descriptors } from "./descriptors.ts";
import { maxUnpackedBytes, MessageGatherer, shownHex, shownText } from "./message-list.ts";
import { wireText } from "./wire-text.ts";

/** Of which call, and which direction. */
export interface GrpcCall {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly from: "client" | "server";
  /** Of that direction; `grpc-encoding` is read. */
  readonly headers: readonly HeaderLine[];
}

/** One flag and four bytes of length (gRPC over HTTP/2, Length-Prefixed-Message). */
const prefixBytes = 5;

/**
 * Reads the messages of one direction of a gRPC call: as JSON where a descriptor knows their type, else by field numbers,
 * else in hex.
 */
export function grpcMessages(bytes: Buffer, call: GrpcCall, descriptors: Descriptors): MessageList {
  const gathered = new MessageGatherer();
  const type = descriptors.messageTypeOf(call.path, call.from);
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length < at + prefixBytes || bytes.length < at + prefixBytes + bytes.readUInt32BE(at + 1)) {
      gathered.note = "the last message has not ended, or is not kept to its end";
      break;
    }
    const size = bytes.readUInt32BE(at + 1);
    const said = bytes.subarray(at + prefixBytes, at + prefixBytes + size);
    const message = bytes[at] === 0 ? said : unpacked(said, encodingIn(call.headers));
    at += prefixBytes + size;
    if (message === undefined) {
      gathered.add({ kind: "undecoded", name: "compressed", text: shownHex(said), bytes: size });
      continue;
    }
    const json = type?.toJson(message);
    const text = json ?? wireText(message);
    gathered.add({
      kind: json === undefined ? "undecoded" : "json",
      name: type?.name ?? "",
      text: text === undefined ? shownHex(message) : shownText(text),
      bytes: size,
    });
  }
  if (type === undefined && gathered.note === null)
    gathered.note = "no descriptor knows this method: fields are shown by their numbers";
  return gathered.list;
}

function encodingIn(headers: readonly HeaderLine[]): string {
  return (
    headers
      .find(([name]) => name.toLowerCase() === "grpc-encoding")?.[1]
      ?.trim()
      .toLowerCase() ?? "identity"
  );
}

function unpacked(packed: Buffer, encoding: string): Buffer | undefined {
  const bound = { maxOutputLength: maxUnpackedBytes };
  try {
    if (encoding === "gzip") return gunzipSync(packed, bound);
    if (encoding === "deflate") return inflateSync(packed, bound);
  } catch {
    return undefined;
  }
  return undefined;
}
