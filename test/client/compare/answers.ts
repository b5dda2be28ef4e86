import { createHash } from "node:crypto";
import type { Answer, FieldPair } from "../../../src/client/compare/answer.ts";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import type { Comparison, Difference } from "../../../src/client/compare/difference.ts";
import { parseIgnoreRule } from "../../../src/client/compare/parse-ignore-rule.ts";
import { formatPlace } from "../../../src/client/compare/place.ts";

export const request = { method: "GET", target: "/items" };

/** A complete answer; `headers` come after the Content-Type. */
export function answer(
  body: string | Buffer = "",
  more: Omit<Partial<Answer>, "body"> & { type?: string } = {},
): Answer {
  const bytes = Buffer.from(body);
  const { type, headers, ...rest } = more;
  const typed: FieldPair[] = type === undefined ? [] : [["Content-Type", type]];
  return {
    status: 200,
    headers: [...typed, ...(headers ?? [])],
    body: {
      bytes,
      isTruncated: false,
      totalBytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    },
    trailers: [],
    end: { how: "complete" },
    ...rest,
  };
}

/** The same answer of which only `kept` bytes of the body were recorded. */
export function truncated(from: Answer, kept: number): Answer {
  return { ...from, body: { ...from.body, bytes: from.body.bytes.subarray(0, kept), isTruncated: true } };
}

export function json(value: unknown): Answer {
  return answer(typeof value === "string" ? value : JSON.stringify(value), { type: "application/json" });
}

export function grpc(messages: readonly Buffer[], more: Omit<Partial<Answer>, "body"> = {}): Answer {
  const trailers: FieldPair[] = [["grpc-status", "0"]];
  return answer(Buffer.concat(messages.map((message) => frame(message))), {
    type: "application/grpc",
    trailers,
    ...more,
  });
}

/** One length-prefixed message. */
export function frame(payload: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** A field of a protobuf message: numbers as varints, the rest with a length. */
export function field(number: number, value: bigint | number | string | Buffer): Buffer {
  if (typeof value === "bigint" || typeof value === "number")
    return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

export function compare(original: Answer, local: Answer, ...ignore: string[]): Comparison {
  return compareAnswers({ request, original, local, ignore: ignore.map((rule) => parseIgnoreRule(rule)) });
}

/** The places that count, as they are written. */
export function places(comparison: Comparison): string[] {
  return comparison.differences.map(({ place }) => formatPlace(place));
}

/** Differences in short: `place: original → local`. */
export function short({ differences }: { differences: readonly Difference[] }): string[] {
  return differences.map(
    ({ place, original, local }) => `${formatPlace(place)}: ${original ?? "nothing"} → ${local ?? "nothing"}`,
  );
}

/** What the comparison of the swapped answers must be. */
export function swapped(difference: Difference): Difference {
  const kinds = { "only-in-original": "only-in-local", "only-in-local": "only-in-original" } as const;
  const { kind, place, localPlace, original, local } = difference;
  return {
    ...difference,
    kind: kind === "only-in-original" || kind === "only-in-local" ? kinds[kind] : kind,
    place: localPlace ?? place,
    ...(localPlace === undefined ? {} : { localPlace: place }),
    original: local,
    local: original,
  };
}

/** Differences in an order of their own, to compare two lists as sets. */
export function sorted(differences: readonly Difference[]): string[] {
  return differences
    .map(({ kind, place, localPlace, original, local }) =>
      JSON.stringify([kind, place, localPlace ?? null, original ?? null, local ?? null]),
    )
    .sort();
}
