import { limits } from "./limits.ts";

const before = 30;

/** The part of a text around `at`, printable and at most `limits.shownCharacters` long; `…` where something is left out. */
export function excerpt(text: string, at = 0): string {
  const whole = text.length <= limits.shownCharacters;
  const start = whole ? 0 : Math.max(0, Math.min(at - before, text.length - limits.shownCharacters));
  const end = Math.min(text.length, start + limits.shownCharacters);
  return unpinned(`${start > 0 ? "…" : ""}${clean(text.slice(start, end))}${end < text.length ? "…" : ""}`);
}

/** A short text, printable, cut at `most` characters. */
export function printed(text: string, most: number): string {
  return unpinned(text.length > most ? `${clean(text.slice(0, most))}…` : clean(text));
}

/**
 * A copy of a text that owns its characters. V8 keeps a whole text alive for a slice of it: a short value that is kept for a
 * report would keep the megabytes it was cut from.
 */
export function unpinned(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** Where two texts begin to differ; the shorter one's length when it is the other's begin. */
export function firstDifference(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  let at = 0;
  while (at < shorter && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
}

/** Nothing that could move a cursor, change colours or reverse the direction of what is read. */
function clean(text: string): string {
  return text
    .replaceAll("\r", "␍")
    .replaceAll("\n", "␊")
    .replaceAll("\t", "␉")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "·");
}
