import { Fields } from "../../src/http/index.ts";
import type { RequestHead } from "../../src/http/index.ts";

export interface HeadParts {
  readonly method?: string;
  readonly target?: string;
  readonly authority?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** A request head out of the parts a test is about. */
export function head({
  method = "GET",
  target = "/",
  authority = "shop.example",
  fields = [],
}: HeadParts): RequestHead {
  return { method, target, version: "1.1", authority, fields: Fields.fromPairs(fields) };
}

/** Fields as they stood on the wire, so that a test decides about the blanks; each line is ended by CR LF. */
export function wireHead(lines: readonly string[]): RequestHead {
  const text = `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  const marks: number[] = [];
  let at = "GET / HTTP/1.1\r\n".length;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1);
    const start = at + colon + 1 + (value.length - value.replace(/^[ \t]+/, "").length);
    marks.push(at, at + colon, start, Math.max(start, at + line.replace(/[ \t]+$/, "").length));
    at += line.length + 2;
  }
  return {
    method: "GET",
    target: "/",
    version: "1.1",
    authority: "",
    fields: new Fields(text, Int32Array.from(marks), lines.length),
  };
}
