import type { HeaderLine } from "../../page-contract.ts";

/** A line of the editor that is no field. `line` is 1-based. */
export interface HeaderProblem {
  readonly line: number;
  readonly message: string;
}

/** A token of RFC 9110 §5.6.2, or a pseudo-field as HTTP/2 has them. */
const fieldName = /^:?[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Fields as lines of text, as `readHeaders` takes them. */
export function writeHeaders(headers: readonly HeaderLine[]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** Reads `Name: value` lines; empty ones are left out. */
export function readHeaders(text: string): { headers: HeaderLine[]; problems: HeaderProblem[] } {
  const headers: HeaderLine[] = [];
  const problems: HeaderProblem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":", 1);
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (colon === -1) problems.push({ line: index + 1, message: "there is no colon between name and value" });
    else if (!fieldName.test(name))
      problems.push({ line: index + 1, message: `"${name}" cannot be the name of a field` });
    else if (value.includes("\0") || value.includes("\r"))
      problems.push({ line: index + 1, message: "a value cannot have control characters" });
    else headers.push([name, value]);
  }
  return { headers, problems };
}

/** The fields of a request whose content is another one now: its length, and no coding that is undone. */
export function withContent(headers: readonly HeaderLine[], bytes: number, isDecoded: boolean): HeaderLine[] {
  const kept = headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return lower !== "transfer-encoding" && !(isDecoded && lower === "content-encoding");
  });
  const length = String(bytes);
  if (kept.some(([name]) => isLength(name)))
    return kept.map(([name, value]) => [name, isLength(name) ? length : value]);
  return bytes === 0 ? kept : [...kept, ["Content-Length", length]];
}

const isLength = (name: string): boolean => name.toLowerCase() === "content-length";
