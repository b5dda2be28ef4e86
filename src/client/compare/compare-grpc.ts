import type { AnswerBody } from "./answer.ts";
import { compareBytes, describe, firstByte, hashed } from "./compare-bytes.ts";
import { compareProtobuf } from "./compare-protobuf.ts";
import { type ComparingTools, both, type Pair } from "./comparing-tools.ts";
import { decodeContent } from "./content-decoding.ts";
import { type GrpcMessage, splitGrpcMessages } from "./grpc-messages.ts";
import { limits } from "./limits.ts";

/** A gRPC body and the coding that its `grpc-encoding` field names; "" for none. */
export interface GrpcBody {
  readonly body: AnswerBody;
  readonly encoding: string;
}

/**
 * Compares two gRPC answers message by message. Gives `too-large` when something could not be looked at: of bodies that
 * were not kept whole only the messages that both have whole are compared.
 */
export function compareGrpc(bodies: Pair<GrpcBody>, tools: ComparingTools): "compared" | "too-large" {
  const split = both(bodies, ({ body }) => splitGrpcMessages(body.bytes));
  const { original, local } = split;
  if (
    "fault" in original ||
    "fault" in local ||
    hasRest(original, bodies.original) ||
    hasRest(local, bodies.local)
  ) {
    tools.note("a body is no sequence of gRPC messages: compared as bytes");
    compareBytes(
      both(bodies, ({ body }) => body),
      tools,
    );
    return "compared";
  }
  const walk = new MessageWalk(bodies, tools);
  const messages = { original: original.messages, local: local.messages };
  const shorter = Math.min(messages.original.length, messages.local.length);
  const isPart = bodies.original.body.isTruncated || bodies.local.body.isTruncated;
  const end = isPart ? shorter : Math.max(messages.original.length, messages.local.length);
  for (let index = 0; index < end && !tools.list.isFull; index++)
    walk.message({ original: messages.original[index], local: messages.local[index] }, index + 1);
  return isPart || walk.isTooLarge ? "too-large" : "compared";
}

/** A whole body ends with a whole message. */
function hasRest(split: { restBytes: number }, { body }: GrpcBody): boolean {
  return split.restBytes > 0 && !body.isTruncated;
}

class MessageWalk {
  readonly #encodings: Pair<string>;
  readonly #tools: ComparingTools;
  /** What all messages together may still decompress to. */
  #left: number = limits.decodedBytes;
  isTooLarge = false;

  constructor(bodies: Pair<GrpcBody>, tools: ComparingTools) {
    this.#encodings = both(bodies, ({ encoding }) => encoding);
    this.#tools = tools;
  }

  message(pair: Pair<GrpcMessage | undefined>, number: number): void {
    const { original, local } = pair;
    if (original === undefined || local === undefined) {
      if (original) this.#add({ original: original.payload, local: undefined }, number);
      if (local) this.#add({ original: undefined, local: local.payload }, number);
      return;
    }
    if (this.#isSameAsSent(original, local)) return;
    const [one, other] = [this.#decoded(original, "original"), this.#decoded(local, "local")];
    if ("bytes" in one && "bytes" in other)
      return compareProtobuf({ original: one.bytes, local: other.bytes }, number, this.#tools);
    if (("fault" in one && one.fault === "too-large") || ("fault" in other && other.fault === "too-large")) {
      this.isTooLarge = true;
      return;
    }
    this.#tools.note(`grpc:message ${number} could not be decompressed: compared as bytes`);
    this.#add({ original: original.payload, local: local.payload }, number);
  }

  #isSameAsSent(original: GrpcMessage, local: GrpcMessage): boolean {
    if (original.isCompressed !== local.isCompressed || !original.payload.equals(local.payload)) return false;
    return !original.isCompressed || this.#encodings.original === this.#encodings.local;
  }

  #decoded(message: GrpcMessage, side: keyof Pair<unknown>) {
    if (!message.isCompressed) return { bytes: message.payload };
    const encoding = this.#encodings[side];
    if (encoding === "") return { fault: "unknown-coding" } as const;
    const decoded = decodeContent(message.payload, [encoding], this.#left);
    if ("bytes" in decoded) this.#left -= decoded.bytes.length;
    return decoded;
  }

  #add(pair: Pair<Buffer | undefined>, message: number): void {
    const original = pair.original && hashed(pair.original);
    const local = pair.local && hashed(pair.local);
    if (original && local && original.sha256 === local.sha256) return;
    const offset = original && local && firstByte(original, local);
    this.#tools.list.add({
      kind: original === undefined ? "only-in-local" : local === undefined ? "only-in-original" : "changed",
      place: { at: "grpc", message, fields: [] },
      original: original && (() => describe(original, offset)),
      local: local && (() => describe(local, offset)),
      rule: this.#tools.rules.grpc(message, []),
    });
  }
}
