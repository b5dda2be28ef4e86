import { FilterError } from "./errors.ts";

/** A piece of an expression; `start` is its offset. The raw text of strings and patterns is without their delimiters. */
export type Token =
  | { readonly kind: "word" | "sign"; readonly text: string; readonly start: number }
  | { readonly kind: "string" | "regex"; readonly text: string; readonly start: number }
  | { readonly kind: "end"; readonly text: ""; readonly start: number };

const wordPattern = /[A-Za-z0-9_*][A-Za-z0-9_.*-]*/y;
const signPattern = /&&|\|\||==|!=|\^=|=~|!~|[!(),]/y;
const spacePattern = /\s*/y;

/** What people write instead of a sign, and what they should write. */
const mistaken: Readonly<Record<string, string>> = {
  "=": "Write == to compare.",
  "&": "Write && or the word and.",
  "|": "Write || or the word or.",
  "~": "Write =~ to match a pattern.",
  "^": "Write ^= for a prefix, and put patterns in quotes.",
  "“": "Write straight quotes.",
  "”": "Write straight quotes.",
  "‘": "Write straight quotes.",
  "’": "Write straight quotes.",
  "[": "Put patterns in quotes. JSON begins with {.",
};

/**
 * Takes an expression apart; the last token is the end.
 * @throws FilterError `unexpected-character`, `unterminated-string`.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += lengthOf(spacePattern, source, at);
    if (at >= source.length) break;
    const token = readToken(source, at);
    tokens.push(token);
    at += token.text.length + (token.kind === "string" || token.kind === "regex" ? 2 : 0);
    if (token.kind === "regex") at += flagsAfter(source, at);
  }
  tokens.push({ kind: "end", text: "", start: source.length });
  return tokens;
}

function readToken(source: string, start: number): Token {
  const word = lengthOf(wordPattern, source, start);
  if (word > 0) return { kind: "word", text: source.slice(start, start + word), start };
  const sign = lengthOf(signPattern, source, start);
  if (sign > 0) return { kind: "sign", text: source.slice(start, start + sign), start };
  const character = source.charAt(start);
  if (character === '"' || character === "'") return readDelimited(source, start, "string");
  if (character === "/") return readDelimited(source, start, "regex");
  const hint = mistaken[character] ?? "Put values and patterns in quotes.";
  throw new FilterError("unexpected-character", `${JSON.stringify(character)} means nothing here`, {
    source,
    position: start,
    hint,
  });
}

/** A string or a pattern between slashes. A backslash keeps the next character from ending it. */
function readDelimited(source: string, start: number, kind: "string" | "regex"): Token {
  const delimiter = source.charAt(start);
  let inClass = false;
  for (let at = start + 1; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "\\") at++;
    else if (kind === "regex" && character === "[") inClass = true;
    else if (kind === "regex" && character === "]") inClass = false;
    else if (character === delimiter && !inClass) return { kind, text: source.slice(start + 1, at), start };
  }
  const message = kind === "string" ? "a string is not closed" : "a pattern is not closed";
  const hint =
    kind === "string"
      ? `Close it with ${delimiter}.`
      : "Close it with /, or put a value with a slash in quotes.";
  throw new FilterError("unterminated-string", message, { source, position: start, hint });
}

/** The flags after a pattern between slashes: only `i`, which holds anyway. */
function flagsAfter(source: string, at: number): number {
  const flags = /[A-Za-z]*/y;
  const length = lengthOf(flags, source, at);
  const written = source.slice(at, at + length);
  if (written === "" || written === "i") return length;
  throw new FilterError("unexpected-character", `a pattern takes no flags ${written}`, {
    source,
    position: at,
    hint: "Case is ignored anyway; (?s) within the pattern makes the dot match everything.",
  });
}

function lengthOf(sticky: RegExp, source: string, at: number): number {
  sticky.lastIndex = at;
  return sticky.exec(source)?.[0].length ?? 0;
}
