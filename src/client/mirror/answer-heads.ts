import { type Fields, parseResponseHead } from "../../http/index.ts";
import { ProtocolError } from "../../protocol/index.ts";
import type { FieldPair } from "../compare/index.ts";
import { readPlainBlock, readTrailerLines } from "../incoming/index.ts";

/** The versions in which heads travel: raw, or as a header block that needs no table. */
export type HeadKind = "http1" | "http2";

export interface AnswerHead {
  readonly status: number;
  readonly headers: readonly FieldPair[];
}

/** Reads the final head of an answer. @throws ProtocolError `bad-payload` */
export function readAnswerHead(kind: HeadKind, bytes: Buffer, method: string): AnswerHead {
  if (kind === "http2") {
    const { fields } = readPlainBlock(bytes);
    const status = Number(fields.find(({ name }) => name === ":status")?.value);
    if (!Number.isInteger(status)) throw new ProtocolError("bad-payload", "a head without a status");
    return { status, headers: fields.map(({ name, value }): FieldPair => [name, value]) };
  }
  const head = parseResponseHead(bytes, method);
  if ("ambiguity" in head)
    throw new ProtocolError("bad-payload", `a head that cannot be read in one way: ${head.ambiguity}`);
  return { status: head.status, headers: pairsOf(head.fields) };
}

/** Reads the trailers of an answer. @throws ProtocolError `bad-payload` */
export function readAnswerTrailers(kind: HeadKind, bytes: Buffer): readonly FieldPair[] {
  if (kind === "http1") return pairsOf(readTrailerLines(bytes));
  return readPlainBlock(bytes).fields.map(({ name, value }): FieldPair => [name, value]);
}

function pairsOf(fields: Fields): FieldPair[] {
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)]);
}
