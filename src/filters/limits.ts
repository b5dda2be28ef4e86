/** Bounds of what a filter may ask for; a filter beyond one of them is refused and never cut short. */
export const limits = {
  /** `not` in `all` in `any` …: deeper trees are refused. */
  treeDepth: 32,
  /** Clauses of one filter, the joining ones included. */
  treeNodes: 1_000,
  /** Characters of one pattern or one literal. */
  patternLength: 4_096,
  /** Groups within groups of one pattern. */
  patternDepth: 200,
  /** The largest number in `{n,m}`. */
  patternCount: 1_000,
  /**
   * States of one pattern. A pattern that defeats the cache of its automaton costs this much work for every
   * character, so it is kept near the length of the longest literal.
   */
  patternStates: 5_000,
  /** States of all patterns of one filter. */
  filterStates: 20_000,
  /** Characters of a filter written as text. */
  textLength: 262_144,
} as const;
