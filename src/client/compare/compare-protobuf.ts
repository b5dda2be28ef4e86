import { isUtf8 } from "node:buffer";
import { align } from "./alignment.ts";
import { describe, firstByte, hashed } from "./compare-bytes.ts";
import type { ComparingTools, Pair } from "./comparing-tools.ts";
import { presenceKind } from "./difference-list.ts";
import { firstDifference } from "./excerpt.ts";
import { Interner } from "./interner.ts";
import { limits } from "./limits.ts";
import { type WireMessage, WireReader, type WireValue } from "./protobuf-wire.ts";

/**
 * Compares two messages by their fields' numbers, as far as bytes tell without a descriptor. The order of different fields
 * means nothing, entries of maps pair by key, repeated values are aligned. What is no message is compared as bytes.
 */
export function compareProtobuf(payloads: Pair<Buffer>, message: number, tools: ComparingTools): void {
  new WireWalk(payloads, message, tools).whole();
}

class WireWalk {
  readonly #payloads: Pair<Buffer>;
  readonly #message: number;
  readonly #tools: ComparingTools;
  readonly #reader = new WireReader();
  /** Whether the original is numbered first; the same pair must be whichever way it is given. */
  readonly #inOrder: boolean;

  constructor(payloads: Pair<Buffer>, message: number, tools: ComparingTools) {
    this.#payloads = payloads;
    this.#message = message;
    this.#tools = tools;
    this.#inOrder = payloads.original.compare(payloads.local) <= 0;
  }

  whole(): void {
    const { original, local } = this.#payloads;
    if (original.equals(local)) return;
    const [one, other] = [this.#reader.read(original), this.#reader.read(local)];
    if (one && other) this.#messages({ original: one, local: other }, []);
    else
      this.#add({ original: { wire: "bytes", bytes: original }, local: { wire: "bytes", bytes: local } }, []);
  }

  #messages(pair: Pair<WireMessage>, above: readonly number[]): void {
    for (const number of new Set([...pair.original.keys(), ...pair.local.keys()])) {
      const fields = [...above, number];
      const values = { original: pair.original.get(number) ?? [], local: pair.local.get(number) ?? [] };
      for (const [original, local] of this.#pairs(values)) {
        if (this.#tools.list.isFull) return;
        this.#values({ original, local }, fields);
      }
    }
  }

  #values(pair: Pair<WireValue | undefined>, fields: readonly number[]): void {
    const { original, local } = pair;
    if (original && local && keyOf(original) === keyOf(local)) return;
    if (original?.wire === "bytes" && local?.wire === "bytes" && fields.length < limits.protobufDepth) {
      const [one, other] = [this.#messageIn(original.bytes), this.#messageIn(local.bytes)];
      if (one && other) return this.#messages({ original: one, local: other }, fields);
    }
    this.#add(pair, fields);
  }

  /** Text is no message, though it may happen to look like one; only a line feed first is more often a tag. */
  #messageIn(bytes: Buffer): WireMessage | undefined {
    if (isText(bytes) && bytes[0] !== 0x0a && bytes.length > 0) return undefined;
    return this.#reader.read(bytes);
  }

  #pairs(values: Pair<readonly WireValue[]>): (readonly [WireValue | undefined, WireValue | undefined])[] {
    const { original, local } = values;
    if (original.length <= 1 && local.length <= 1) return [[original[0], local[0]]];
    const maps = { original: this.#entries(original), local: this.#entries(local) };
    if (maps.original && maps.local) {
      const keys = new Set([...maps.original.keys(), ...maps.local.keys()]);
      return [...keys].map((key) => [maps.original?.get(key), maps.local?.get(key)] as const);
    }
    const ids = new Interner();
    const number = (list: readonly WireValue[]) => ({ ids: list.map((value) => ids.id(keyOf(value))) });
    const first = number(this.#inOrder ? original : local);
    const second = number(this.#inOrder ? local : original);
    const steps = align(this.#inOrder ? first : second, this.#inOrder ? second : first);
    return steps.map((step) => [
      "original" in step ? original[step.original] : undefined,
      "local" in step ? local[step.local] : undefined,
    ]);
  }

  /** A map on the wire is a repeated message of a key in field 1 and a value in field 2, in any order. */
  #entries(values: readonly WireValue[]): ReadonlyMap<string, WireValue> | undefined {
    const entries = new Map<string, WireValue>();
    for (const value of values) {
      const entry =
        value.wire === "bytes" && value.bytes.length > 0 ? this.#reader.read(value.bytes) : undefined;
      const [key, ...more] = entry?.get(1) ?? [];
      if (!entry || !key || more.length > 0 || (entry.get(2)?.length ?? 0) > 1) return undefined;
      if (entry.size > (entry.has(2) ? 2 : 1) || entries.has(keyOf(key))) return undefined;
      entries.set(keyOf(key), value);
    }
    return entries;
  }

  #add(pair: Pair<WireValue | undefined>, fields: readonly number[]): void {
    const { original, local } = pair;
    this.#tools.list.add({
      kind: original && local && original.wire !== local.wire ? "kind" : presenceKind(original, local),
      place: { at: "grpc", message: this.#message, fields },
      original: original && (() => this.#shown(original, local)),
      local: local && (() => this.#shown(local, original)),
      rule: this.#tools.rules.grpc(this.#message, fields),
    });
  }

  #shown(value: WireValue, other: WireValue | undefined): string {
    if (value.wire !== "bytes") return `${value.value}${value.wire === "varint" ? "" : ` (${value.wire})`}`;
    const otherBytes = other?.wire === "bytes" ? other.bytes : undefined;
    if (isText(value.bytes) && (otherBytes === undefined || isText(otherBytes))) {
      const text = value.bytes.toString();
      const at = otherBytes === undefined ? 0 : firstDifference(text, otherBytes.toString());
      return JSON.stringify(this.#tools.secrets.text(text, at));
    }
    const body = hashed(value.bytes);
    return describe(body, otherBytes && firstByte(body, hashed(otherBytes)));
  }
}

/** Equal for equal values and no others. */
function keyOf(value: WireValue): string {
  return value.wire === "bytes" ? `bytes ${value.bytes.toString("latin1")}` : `${value.wire} ${value.value}`;
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.some((byte) => (byte < 32 && (byte < 9 || byte > 13)) || byte === 127);
}
