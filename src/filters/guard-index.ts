import type { Fields, RequestHead } from "../http/index.ts";
import type { Guard } from "./guard.ts";
import { isContiguous } from "./header-test.ts";
import { NameTable } from "./name-table.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import { literalScreen, screenable } from "./pattern/literal-screen.ts";
import type { LiteralScreen } from "./pattern/literal-screen.ts";
import { PatternIndex } from "./pattern/pattern-index.ts";
import type { IndexedPattern } from "./pattern/pattern-index.ts";

/** A guard and the filter it stands before. */
export interface Guarded {
  readonly guard: Guard;
  readonly id: number;
}

/** Told the filters whose guard lets a request through, perhaps more than once each. */
export type Call = (id: number) => void;

/** The guards on fields, by name; undefined when there are none. */
export function guardedByField(guarded: readonly Guarded[], call: Call): NameTable<FieldGuards> | undefined {
  const named = guarded.filter(({ guard }) => "lowerName" in guard);
  const byName = Map.groupBy(named, ({ guard }) => ("lowerName" in guard ? guard.lowerName : ""));
  if (byName.size === 0) return undefined;
  return new NameTable(new Map([...byName].map(([name, list]) => [name, new FieldGuards(list, call)])));
}

/** The guards on the fields of one name. */
export class FieldGuards {
  readonly #call: Call;
  readonly #present: readonly number[];
  readonly #values: PatternIndex | undefined;
  readonly #lines: PatternIndex | undefined;

  constructor(guarded: readonly Guarded[], call: Call) {
    this.#call = call;
    this.#present = guarded.filter(({ guard }) => guard.on === "field").map(({ id }) => id);
    this.#values = patternIndex(patternsOn(guarded, "value"), call);
    this.#lines = patternIndex(patternsOn(guarded, "field-line"), call);
  }

  /** Looks at a field that has the name. */
  search(fields: Fields, index: number): void {
    for (const id of this.#present) this.#call(id);
    const { text, marks } = fields;
    this.#values?.search(text, marks[index * 4 + 2] as number, marks[index * 4 + 3] as number);
    if (this.#lines !== undefined) searchLine(this.#lines, fields, index);
  }
}

/** The guards on the lines of any field. */
export class LineGuards {
  readonly #screen: LiteralScreen | undefined;
  /** Those that need a literal of the screen, and those that need none. */
  readonly #screened: PatternIndex | undefined;
  readonly #always: PatternIndex | undefined;

  private constructor(patterns: readonly IndexedPattern[], call: Call) {
    const literals = patterns.map(({ pattern }) => screenable(pattern));
    this.#screen = literalScreen(literals.flatMap((list) => list ?? []));
    const isScreened = (_: unknown, index: number) =>
      this.#screen !== undefined && literals[index] !== undefined;
    this.#screened = patternIndex(patterns.filter(isScreened), call);
    this.#always = patternIndex(
      patterns.filter((pattern, index) => !isScreened(pattern, index)),
      call,
    );
  }

  static of(guarded: readonly Guarded[], call: Call): LineGuards | undefined {
    const patterns = patternsOn(guarded, "line");
    return patterns.length === 0 ? undefined : new LineGuards(patterns, call);
  }

  search(fields: Fields): void {
    if (this.#screened !== undefined && this.#screen?.admits(fields.text) === true)
      searchLines(this.#screened, fields);
    if (this.#always !== undefined) searchLines(this.#always, fields);
  }
}

/** The guards on the path. */
export class PathGuards {
  readonly #paths: PatternIndex;

  private constructor(paths: PatternIndex) {
    this.#paths = paths;
  }

  static of(guarded: readonly Guarded[], call: Call): PathGuards | undefined {
    const paths = patternIndex(patternsOn(guarded, "path"), call);
    return paths === undefined ? undefined : new PathGuards(paths);
  }

  search(head: RequestHead): void {
    const target = originForm(head);
    if (target === undefined) return;
    const end = pathEnd(target);
    this.#paths.search(target, 0, end);
    if (end < target.length) this.#paths.search(target, 0, target.length);
  }
}

function patternsOn(
  guarded: readonly Guarded[],
  on: "value" | "field-line" | "line" | "path",
): IndexedPattern[] {
  return guarded.flatMap(({ guard, id }) =>
    guard.on === on && "pattern" in guard ? [{ pattern: guard.pattern, id }] : [],
  );
}

function patternIndex(patterns: readonly IndexedPattern[], call: Call): PatternIndex | undefined {
  return patterns.length === 0 ? undefined : new PatternIndex(patterns, call);
}

function searchLines(patterns: PatternIndex, fields: Fields): void {
  for (let index = 0; index < fields.count; index++) searchLine(patterns, fields, index);
}

function searchLine(patterns: PatternIndex, fields: Fields, index: number): void {
  if (isContiguous(fields, index)) {
    patterns.search(fields.text, fields.marks[index * 4] as number, fields.marks[index * 4 + 3] as number);
  } else patterns.searchPieces([fields.name(index), ": ", fields.value(index)]);
}
