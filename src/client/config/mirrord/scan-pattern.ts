import { PatternProblem } from "./pattern-problem.ts";

/** A look-ahead in a pattern. */
export interface LookAhead {
  readonly isNegative: boolean;
  /** Offset of its parenthesis. */
  readonly start: number;
  /** Offset behind its closing parenthesis. */
  readonly end: number;
  /** What stands in it. */
  readonly body: string;
  /** How many groups are around it. */
  readonly depth: number;
}

export interface ScannedPattern {
  /** In their order; none stands in another. */
  readonly looks: readonly LookAhead[];
  /** Whether there is a `|` outside of all groups. */
  readonly hasChoice: boolean;
}

/**
 * Finds the look-aheads of a pattern, and refuses what the crates regex and fancy-regex read in another way than our patterns
 * do (https://docs.rs/regex/1/regex/#syntax, https://docs.rs/fancy-regex/0.14/fancy_regex/#syntax). What ours refuse by
 * themselves is left to them.
 * @throws PatternProblem
 */
export function scanPattern(pattern: string): ScannedPattern {
  const looks: LookAhead[] = [];
  const open: { start: number; look: "ahead" | "none"; isNegative: boolean }[] = [];
  let hasChoice = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "\\") {
      refuseWordEdge(pattern, at);
      at++;
    } else if (character === "[") at = endOfClass(pattern, at);
    else if (character === "|" && open.length === 0) hasChoice = true;
    else if (character === "(") {
      const [, kind = ""] = /^\(\?(<?[=!])/.exec(pattern.slice(at, at + 4)) ?? [];
      if (kind.startsWith("<"))
        throw new PatternProblem(
          "look-behind cannot be decided in linear time",
          at,
          "Write what stands before into the pattern itself.",
        );
      if (kind !== "" && open.some(({ look }) => look === "ahead"))
        throw new PatternProblem(
          "a look-ahead in another has no counterpart",
          at,
          "Write all_of with one pattern for each.",
        );
      open.push({ start: at, look: kind === "" ? "none" : "ahead", isNegative: kind === "!" });
    } else if (character === ")") {
      const group = open.pop();
      if (group?.look === "ahead")
        looks.push({
          isNegative: group.isNegative,
          start: group.start,
          end: at + 1,
          body: pattern.slice(group.start + 3, at),
          depth: open.length,
        });
    }
  }
  return { looks, hasChoice };
}

function refuseWordEdge(pattern: string, at: number): void {
  const [edge] = /^\\(?:[<>]|b\{[a-z-]+\})/.exec(pattern.slice(at, at + 16)) ?? [];
  if (edge === undefined) return;
  throw new PatternProblem(`${edge} has no counterpart`, at, "Write \\b for an edge of a word.");
}

/** Gives the offset of the closing bracket. Within a class Rust counts with sets; to us these are characters. */
function endOfClass(pattern: string, start: number): number {
  const refuse = (at: number, what: string) => {
    throw new PatternProblem(
      `${what} in a class has no counterpart`,
      at,
      "Write out the characters, like [a-fx-z].",
    );
  };
  for (let at = start + 1; at < pattern.length; at++) {
    const two = pattern.slice(at, at + 2);
    if (two.startsWith("\\")) at++;
    else if (two === "[:") {
      const [posix] = /^\[:\^?[a-z]+:\]/.exec(pattern.slice(at)) ?? [];
      if (posix === undefined) refuse(at, "a class");
      else at += posix.length - 1;
    } else if (two.startsWith("[")) refuse(at, "a class");
    else if (two === "&&" || two === "--" || two === "~~") refuse(at, two);
    else if (two.startsWith("]") && at > start + 1 && pattern.slice(start, at) !== "[^") return at;
  }
  return pattern.length;
}
