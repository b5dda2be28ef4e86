import {
  Fields,
  type Http1Request,
  newMarks,
  parseRequestHead,
  parseResponseHead,
  readRequestHead,
  type RequestHead,
} from "../../../http/index.ts";
import { ProtocolError } from "../../../protocol/index.ts";
import { readPlainBlock, readTrailerLines } from "../../incoming/index.ts";
import type { HeaderLine } from "../page-contract.ts";

/** How a kept head is written down. `names`: only names of fields are known. */
export type HeadForm = "http1" | "http2" | "names" | "none";

/** A head as it is kept: as text of one character for each byte, since that takes least room; read when somebody looks. */
export interface KeptHead {
  readonly form: HeadForm;
  readonly text: string;
}

export const noHead: KeptHead = { form: "none", text: "" };

/** The head of a request, read. `framing` is that of HTTP/1.1. */
export interface ReadRequest extends RequestHead {
  readonly framing: Http1Request["framing"] | undefined;
  readonly mayUpgrade: boolean;
}

/** One for all: a hundred thousand heads may be read in a row. */
const marks = newMarks();

/** Undefined for one that cannot be read. Its fields are valid until the next one is read. */
export function readKeptRequest({ form, text }: KeptHead): ReadRequest | undefined {
  if (form === "http1") {
    const bytes = Buffer.from(text, "latin1");
    const read = parseRequestHead(bytes, 0, bytes.length, marks);
    return "ambiguity" in read ? undefined : read;
  }
  if (form !== "http2") return undefined;
  const read = orUndefined(() => readRequestHead(readPlainBlock(Buffer.from(text, "latin1")).fields));
  if (read === undefined || "malformed" in read) return undefined;
  const { method, target, authority, version, fields } = read;
  return { method, target, authority, version, fields, framing: undefined, mayUpgrade: method === "CONNECT" };
}

/** The head of an answer; undefined for one that cannot be read. */
export function readKeptAnswer(
  { form, text }: KeptHead,
  method: string,
): { status: number; statusText: string; version: string; headers: HeaderLine[] } | undefined {
  const bytes = Buffer.from(text, "latin1");
  if (form === "http2") {
    const headers = linesOfBlock(bytes);
    const status = Number(headers.find(([name]) => name === ":status")?.[1]);
    if (!Number.isInteger(status)) return undefined;
    return { status, statusText: "", version: "HTTP/2", headers };
  }
  const read = parseResponseHead(bytes, method, 0, bytes.length, marks);
  if ("ambiguity" in read) return undefined;
  const { status, reason, version, fields } = read;
  return { status, statusText: reason, version: `HTTP/${version}`, headers: fields.pairs() };
}

/** Fields as they were sent, pseudo-fields of HTTP/2 included. */
export function linesOfRequest(head: KeptHead): HeaderLine[] {
  if (head.form === "http2") return linesOfBlock(Buffer.from(head.text, "latin1"));
  if (head.form === "names") return head.text === "" ? [] : head.text.split("\n").map((name) => [name, ""]);
  return readKeptRequest(head)?.fields.pairs() ?? [];
}

export function linesOfTrailers({ form, text }: KeptHead): HeaderLine[] {
  const bytes = Buffer.from(text, "latin1");
  if (form === "http2") return linesOfBlock(bytes);
  return orUndefined(() => readTrailerLines(bytes).pairs()) ?? [];
}

export function linesOfBlock(block: Buffer): HeaderLine[] {
  const fields = orUndefined(() => readPlainBlock(block).fields) ?? [];
  return fields.map(({ name, value }): HeaderLine => [name, value]);
}

/** The first value of a field, in whatever case it is written. */
export function valueIn(lines: readonly HeaderLine[], lowerName: string): string | undefined {
  return lines.find(([name]) => name.length === lowerName.length && name.toLowerCase() === lowerName)?.[1];
}

/** The media type alone, in lower case; "" when there is none. */
export function mediaTypeOf(value: string | undefined): string {
  return value?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export const noFields = Fields.fromPairs([]);

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
