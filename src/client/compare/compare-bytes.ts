import { createHash } from "node:crypto";
import type { AnswerBody } from "./answer.ts";
import type { ComparingTools, Pair } from "./comparing-tools.ts";

/** A body or a message as comparing by hash sees it. */
export type HashedBytes = AnswerBody;

/** Bytes that are all there, such as a decoded body. */
export function hashed(bytes: Buffer): HashedBytes {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bytes, isTruncated: false, totalBytes: bytes.length, sha256 };
}

/** Compares by length and hash; says where the first different byte is, as far as the bytes were kept. */
export function compareBytes(bodies: Pair<HashedBytes>, tools: ComparingTools): void {
  const { original, local } = bodies;
  if (original.totalBytes === local.totalBytes && original.sha256 === local.sha256) return;
  const kind =
    original.totalBytes === 0 ? "only-in-local" : local.totalBytes === 0 ? "only-in-original" : "changed";
  const offset = firstByte(original, local);
  tools.list.add({
    kind,
    place: { at: "body" },
    original: kind === "only-in-local" ? undefined : () => describe(original, offset),
    local: kind === "only-in-original" ? undefined : () => describe(local, offset),
    rule: tools.rules.body(),
  });
}

/** Length, the first different byte and the hash, in one short text. */
export function describe(body: HashedBytes, offset: number | undefined): string {
  const length = `${body.totalBytes} ${body.totalBytes === 1 ? "byte" : "bytes"}`;
  const at = offset === undefined ? "" : `, first different at ${offset}`;
  return `${length}, sha256 ${body.sha256.slice(0, 12)}${at}`;
}

/** The offset of the first different byte; undefined when it lies beyond what was kept of one of them. */
export function firstByte(original: HashedBytes, local: HashedBytes): number | undefined {
  const shorter = Math.min(original.bytes.length, local.bytes.length);
  let at = 0;
  if (original.bytes.compare(local.bytes, 0, shorter, 0, shorter) === 0) at = shorter;
  while (at < shorter && original.bytes[at] === local.bytes[at]) at++;
  if (at < shorter) return at;
  const keptEnd = [original, local].some((body) => body.isTruncated && body.bytes.length === shorter);
  return keptEnd ? undefined : at;
}
