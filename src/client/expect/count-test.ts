/** How many requests are expected. */
export interface CountTest {
  readonly kind: "at-least" | "at-most" | "exactly";
  readonly count: number;
}

/** How many there are: at least `min`, at most `max` when all turns out so that is not known. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * How a condition stands.
 *
 * | standing  | now            | later                  |
 * |-----------|----------------|------------------------|
 * | `certain` | holds          | always                 |
 * | `holding` | holds          | may break              |
 * | `open`    | does not hold  | may                    |
 * | `broken`  | does not hold  | never                  |
 * | `unsure`  | nobody knows   | may become known       |
 */
export type Standing = "certain" | "holding" | "open" | "broken" | "unsure";

/** Reads `3` or `=3`, `>=3`, `>2`, `<=3` or `<4`; undefined for anything else. */
export function parseCountTest(text: string): CountTest | undefined {
  const parts = /^(?<sign>>=|<=|==?|>|<)?\s*(?<digits>\d{1,9})$/.exec(text.trim())?.groups;
  if (parts === undefined) return undefined;
  const count = Number(parts["digits"]);
  switch (parts["sign"]) {
    case ">=":
      return { kind: "at-least", count };
    case ">":
      return { kind: "at-least", count: count + 1 };
    case "<=":
      return { kind: "at-most", count };
    case "<":
      return count === 0 ? undefined : { kind: "at-most", count: count - 1 };
    default:
      return { kind: "exactly", count };
  }
}

/** As it is written. */
export function countText({ kind, count }: CountTest): string {
  if (kind === "at-least") return `>=${count}`;
  return kind === "at-most" ? `<=${count}` : String(count);
}

/** As it is said. */
export function countWords({ kind, count }: CountTest): string {
  if (kind === "at-least") return `at least ${count}`;
  if (kind === "at-most") return `at most ${count}`;
  return count === 0 ? "none" : `exactly ${count}`;
}

/** Requests are only ever added. */
export function standingOf({ kind, count }: CountTest, { min, max }: Bounds): Standing {
  if (kind === "at-least") {
    if (min >= count) return "certain";
    return max < count ? "open" : "unsure";
  }
  if (min > count) return "broken";
  if (kind === "at-most") return max <= count ? "holding" : "unsure";
  if (max < count) return "open";
  return min === max ? "holding" : "unsure";
}
