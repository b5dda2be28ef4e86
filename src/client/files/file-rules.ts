import type { FileMode, FileRule, FileRuleList } from "./file-rule.ts";
import { PathPattern } from "./path-pattern.ts";

/** Where a path leads, and why. */
export interface FileDecision {
  readonly mode: FileMode;
  /** The first that fits; undefined when none does. */
  readonly rule: FileRule | undefined;
}

/** Programs open the same files again and again. */
const MAX_REMEMBERED = 4096;

/** Decides about paths: the first rule that fits, else what is for the rest. */
export class FileRules {
  readonly #list: FileRuleList;
  /** Rules without a star by the path that they name: the place of the first in the list. */
  readonly #trees = new Map<string, number>();
  readonly #alone = new Map<string, number>();
  readonly #patterns: { readonly place: number; readonly pattern: PathPattern }[] = [];
  readonly #remembered = new Map<string, FileDecision>();

  constructor(list: FileRuleList) {
    this.#list = list;
    for (const [place, rule] of list.rules.entries()) {
      const pattern = new PathPattern(usual(rule.pattern));
      const { literal, isAlone } = pattern;
      const names = isAlone ? this.#alone : this.#trees;
      if (literal === undefined) this.#patterns.push({ place, pattern });
      else if (!names.has(literal)) names.set(literal, place);
    }
  }

  /** @param path as `normalPath` gives it, in bytes as latin-1 */
  decide(path: string): FileDecision {
    const known = this.#remembered.get(path);
    if (known !== undefined) return known;
    const rule = this.#list.rules[this.#place(usual(path))];
    const decision = { mode: rule?.mode ?? this.#list.otherwise, rule };
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(path, decision);
    return decision;
  }

  /** All rules that fit, in order; for explanations. */
  fitting(path: string): FileRule[] {
    return this.#list.rules.filter(({ pattern }) => new PathPattern(usual(pattern)).fits(usual(path)));
  }

  /** Of the first rule that fits; infinite when none does. */
  #place(path: string): number {
    let first = Math.min(this.#alone.get(path) ?? Infinity, this.#trees.get("/") ?? Infinity);
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1))
      first = Math.min(first, this.#trees.get(path.slice(0, end)) ?? Infinity);
    for (const { place, pattern } of this.#patterns) {
      if (place >= first) break;
      if (pattern.fits(path)) return place;
    }
    return first;
  }
}

/** /var/run is /run, as it is on every system of today (FHS 3.0 §5.13). */
function usual(path: string): string {
  return /^\/var\/run(?:\/|$)/.test(path) ? path.slice("/var".length) : path;
}
