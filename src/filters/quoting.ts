import { FilterError } from "./errors.ts";

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };

/** A pattern out of an expression, and for each of its characters where in the expression it stood. */
export interface UnquotedPattern {
  readonly pattern: string;
  /** One more than the pattern has characters; the last is its end. */
  readonly positions: readonly number[];
}

/**
 * What a quoted value says. `raw` begins at `start` in `source`.
 * @throws FilterError `bad-escape` for an escape that is none of `\\ \" \' \n \r \t \0 \xHH \uHHHH \u{H…}`.
 */
export function unquoteText(raw: string, source: string, start: number): string {
  let text = "";
  const escape = /\\(?:([\\"'/])|([nrt0])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\})/y;
  for (let at = 0; at < raw.length; at++) {
    if (raw.charAt(at) !== "\\") {
      text += raw.charAt(at);
      continue;
    }
    escape.lastIndex = at;
    const [whole, itself, control, two, four, many] = escape.exec(raw) ?? [];
    const code = Number.parseInt(two ?? four ?? many ?? "0", 16);
    if (whole === undefined || code > 0x10ffff) {
      const hint = "Write \\\\ for a backslash. Only patterns have escapes like \\d: compare with =~.";
      throw new FilterError("bad-escape", "no such escape in a value", {
        source,
        position: start + at,
        hint,
      });
    }
    text += itself ?? controls[control ?? ""] ?? String.fromCodePoint(code);
    at += whole.length - 1;
  }
  return text;
}

/** What a quoted pattern says: every backslash is the pattern's own, save one before a quote or, in `/…/`, a slash. */
export function unquotePattern(raw: string, start: number, kind: "string" | "regex"): UnquotedPattern {
  const positions: number[] = [];
  let pattern = "";
  const add = (at: number) => {
    pattern += raw.charAt(at);
    positions.push(start + at);
  };
  for (let at = 0; at < raw.length; at++) {
    const escaped = raw.charAt(at) === "\\" ? raw.charAt(at + 1) : "";
    const dropped = kind === "regex" ? escaped === "/" : escaped === '"' || escaped === "'";
    if (!dropped) add(at);
    if (escaped !== "") add(++at);
  }
  positions.push(start + raw.length);
  return { pattern, positions };
}

/** A value in double quotes, so that `unquoteText` gives it back. */
export function quoteText(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
  };
  const quoted = text.replace(/[\\"\p{Cc}]/gu, (character) => {
    return names[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${quoted}"`;
}

/** A pattern in double quotes, so that `unquotePattern` gives back one that means the same. */
export function quotePattern(pattern: string): string {
  return `"${pattern.replace(/\\.|"/gsu, (found) => (found === '"' ? '\\"' : found))}"`;
}

/** The pattern without the backslashes that quoting may add or take: before quotes and slashes they say nothing. */
export function plainQuotes(pattern: string): string {
  return pattern.replace(/\\(.)/gsu, (found, escaped: string) => (/["'/]/.test(escaped) ? escaped : found));
}
