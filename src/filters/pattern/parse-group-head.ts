import type { PatternSource } from "./pattern-source.ts";

/** The flags that hold at a place in a pattern. */
export interface PatternFlags {
  ignoreCase: boolean;
  dotAll: boolean;
}

/** What follows an opening parenthesis: a body with its flags, or only flags for the rest of the group around. */
export interface GroupHead {
  readonly hasBody: boolean;
  readonly flags: PatternFlags;
}

const lookHint =
  "A filter says this with clauses: write not with the pattern that must be absent, and all with those that must be there.";

/**
 * Reads the head of a group; the source stands on its parenthesis. Flags alone, as in `(?-i)`, change `flags` itself.
 * @throws FilterError `pattern-unsupported` for look-around and for groups that steer backtracking.
 */
export function parseGroupHead(source: PatternSource, flags: PatternFlags): GroupHead {
  const start = source.at;
  source.at++;
  if (!source.take("?")) return { hasBody: true, flags };
  if (source.take(":")) return { hasBody: true, flags };
  if (source.takeMatch(/<?[=!]/y) !== undefined) {
    throw source.refused("look-around cannot be decided in linear time", start, lookHint);
  }
  if (source.peek() === ">") {
    throw source.refused(
      "atomic groups have no meaning here",
      start,
      "Write (?: instead: nothing ever backtracks.",
    );
  }
  if (source.peek(2) === "P=") {
    throw source.refused(
      "a back-reference cannot be decided in linear time",
      start,
      "Write out the values as a|b.",
    );
  }
  if (source.takeMatch(/P?<[A-Za-z_$][\w$]*>/y) !== undefined) return { hasBody: true, flags };
  if (source.peek() === "<" || source.peek(2) === "P<") {
    throw source.wrong("a group has a malformed name", start, "Write for example (?<tenant>…).");
  }
  return parseFlags(source, flags, start);
}

function parseFlags(source: PatternSource, flags: PatternFlags, start: number): GroupHead {
  const changed = { ...flags };
  let value = true;
  let any = false;
  while (!source.atEnd) {
    const position = source.at;
    const letter = source.peek();
    source.at++;
    if (letter === ")" && any) {
      Object.assign(flags, changed);
      return { hasBody: false, flags };
    }
    if (letter === ":" && any) return { hasBody: true, flags: changed };
    if (letter === "-" && value) value = false;
    else if (letter === "i") changed.ignoreCase = value;
    else if (letter === "s") changed.dotAll = value;
    else if (letter === "m" || letter === "x" || letter === "u" || letter === "U") {
      throw source.refused(
        `the flag ${letter} is not offered`,
        position,
        "The flags are i (ignore case) and s (dot is any).",
      );
    } else
      throw source.wrong("an unknown kind of group", start, "Groups are (…), (?:…), (?<name>…) and (?i:…).");
    any ||= letter !== "-";
  }
  throw source.wrong("a group is not closed", start, "Close it with ).");
}
