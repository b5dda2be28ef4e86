import { type Filter, readFilter } from "../../../filters/index.ts";
import { literalsOf, notBeginningWith } from "./literal-look-ahead.ts";
import { type LookAhead, scanPattern } from "./scan-pattern.ts";
import { PatternProblem } from "./pattern-problem.ts";

/** What a pattern of mirrord is searched for in: any line `name: value`, or the path with its query and without. */
export type PatternSubject = "header" | "path";

/**
 * The filter of ours that takes the same requests as a pattern of mirrord. Those are read by the crate fancy-regex and ignore
 * case, as ours do; where ours has no look-ahead, clauses say the same, or a pattern without one:
 *
 * | pattern                          | becomes                                                                    |
 * |----------------------------------|----------------------------------------------------------------------------|
 * | path `^(?!P)Q`                   | not P, and Q, each of the same form of the path                            |
 * | header `^user-agent: (?!P)Q`     | the line with Q and not the one with P, for fields that come only once     |
 * | any `Q(?!literal)`               | Q and all that is not that literal, spelled out                            |
 *
 * @throws PatternProblem where nothing is provably the same
 * @throws FilterError where the pattern is none, or needs what cannot be decided in linear time
 */
export function filterOfPattern(pattern: string, subject: PatternSubject): Filter {
  const { looks, hasChoice } = scanPattern(pattern);
  const [first] = looks;
  if (first === undefined) return readFilter({ [subject]: pattern });
  if (!first.isNegative && looks.length === 1 && pattern.length === first.end && first.start === 0)
    return filterOfPattern(first.body, subject);
  if (first.start === 0 && first.isNegative && first.end === pattern.length)
    throw new PatternProblem(
      "without ^ this holds at the end of every text, so that it takes every request",
      0,
      "Write ^ before it, or leave the filter out.",
    );
  if (!hasChoice) {
    const leading = leadingLooks(pattern, looks);
    if (subject === "path" && leading !== undefined) return pathFilter(leading);
    const once = subject === "header" ? onceFilter(pattern, looks) : undefined;
    if (once !== undefined) return once;
    const spelled = looks.length === 1 ? spelledOut(pattern, first) : undefined;
    if (spelled !== undefined) return readFilter({ [subject]: spelled });
  }
  throw new PatternProblem(
    "look-around cannot be decided in linear time, and this one has no equivalent that is provably the same",
    first.start,
    first.isNegative
      ? `Write all_of with the pattern that must be there; what must not be is { "not": { "${subject}": … } } in a filter of magpie.`
      : "Write all_of with one pattern for each.",
  );
}

interface Leading {
  readonly looks: readonly LookAhead[];
  /** What follows them. */
  readonly rest: string;
}

/** `^(?!…)(?=…)rest`, where nothing else looks around. */
function leadingLooks(pattern: string, looks: readonly LookAhead[]): Leading | undefined {
  if (!pattern.startsWith("^")) return undefined;
  let at = 1;
  for (const look of looks) {
    if (look.start !== at) return undefined;
    at = look.end;
  }
  return { looks, rest: pattern.slice(at) };
}

/**
 * mirrord looks at the path without its query and with it, one form after the other, and takes what fits either. So does our
 * `path`, but of several clauses each would choose its form by itself.
 */
function pathFilter({ looks, rest }: Leading): Filter {
  const [look] = looks;
  const isEmpty = /^(?:\.\*)?\$?$/.test(rest) && !/^\$$/.test(rest);
  // What a pattern finds in the path it finds with a query behind it too, unless it asks where the text ends.
  if (look !== undefined && looks.length === 1 && look.isNegative && isEmpty && !asksForEnd(look.body))
    return readFilter({ not: { path: { matches: `^${grouped(look.body)}`, query: "without" } } });
  const form = (query: "with" | "without") => {
    const clauses = looks.map(({ isNegative, body }) => {
      const clause = { path: { matches: `^${grouped(body)}`, query } };
      return isNegative ? { not: clause } : clause;
    });
    if (isEmpty) return clauses.length === 1 ? clauses[0] : { all: clauses };
    return { all: [{ path: { matches: `^${grouped(rest)}`, query } }, ...clauses] };
  };
  return readFilter({ any: [form("without"), form("with")] });
}

/** Fields of which a request has one at most (RFC 9110 §5.3: those that are no lists). */
const onceOnly = [
  ...["user-agent", "host", "authorization", "content-type", "content-length", "referer", "origin", "from"],
  ...["date", "max-forwards", "proxy-authorization", "upgrade-insecure-requests", "traceparent"],
];

/** `^user-agent: (?!P)Q`: where there is one such line, "it, and not P" is "there is it, and there is none with P". */
function onceFilter(pattern: string, looks: readonly LookAhead[]): Filter | undefined {
  const [, start = "", name = ""] = /^(\^([A-Za-z-]+): ?)\(\?[!=]/.exec(pattern) ?? [];
  if (!onceOnly.includes(name.toLowerCase())) return undefined;
  const shifted = looks.map((look) => ({
    ...look,
    start: look.start - start.length,
    end: look.end - start.length,
  }));
  const leading = leadingLooks(
    `^${pattern.slice(start.length)}`,
    shifted.map((look) => ({ ...look, start: look.start + 1, end: look.end + 1 })),
  );
  if (leading === undefined) return undefined;
  const clauses = leading.looks.map(({ isNegative, body }) => {
    const clause = { header: start + grouped(body) };
    return isNegative ? { not: clause } : clause;
  });
  return readFilter({ all: [{ header: start + grouped(leading.rest) }, ...clauses] });
}

/** The pattern without its one look-ahead, where that is for literals and nothing behind it asks for anything. */
function spelledOut(pattern: string, look: LookAhead): string | undefined {
  if (!look.isNegative || look.depth > 0) return undefined;
  const rest = pattern.slice(look.end);
  const literals = literalsOf(look.body);
  if (literals === undefined || !/^(?:\.[*+])?\$?$/.test(rest)) return undefined;
  const before = pattern.slice(0, look.start);
  // At the end of the text there is nothing to look at.
  if (rest === "$") return `${before}$`;
  return before + notBeginningWith(literals, { mayEnd: !rest.startsWith(".+") });
}

/** One piece, whatever it holds. */
function grouped(pattern: string): string {
  return scanPattern(pattern).hasChoice ? `(?:${pattern})` : pattern;
}

function asksForEnd(pattern: string): boolean {
  return /\$|\\[zZbB]/.test(pattern.replaceAll(/\\[^zZbB]/g, ""));
}
