import type { Fields, RequestHead } from "../http/index.ts";
import { grpcCall } from "./grpc-call.ts";
import type { Guard } from "./guard.ts";
import { isContiguous } from "./header-test.ts";
import { NameTable } from "./name-table.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import { literalScreen, screenable } from "./pattern/literal-screen.ts";
import type { LiteralScreen } from "./pattern/literal-screen.ts";
import { PatternIndex } from "./pattern/pattern-index.ts";
import { flat, isAssertion } from "./pattern/plain-pattern.ts";
import type { IndexedPattern } from "./pattern/pattern-index.ts";

/** Below it a value is searched sooner than it is screened. */
const minScreenedLength = 48;

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
  /** On the value: those that give up at a first character, and those that search and can be screened. */
  readonly #values: PatternIndex | undefined;
  readonly #searching: ScreenedIndex | undefined;
  readonly #lines: PatternIndex | undefined;

  constructor(guarded: readonly Guarded[], call: Call) {
    this.#call = call;
    this.#present = guarded.filter(({ guard }) => guard.on === "field").map(({ id }) => id);
    const values = patternsOn(guarded, "value");
    this.#values = patternIndex(values.filter(startsExactly), call);
    this.#searching = screenedIndex(
      values.filter((value) => !startsExactly(value)),
      call,
    );
    this.#lines = patternIndex(patternsOn(guarded, "field-line"), call);
  }

  /** Looks at a field that has the name. */
  search(fields: Fields, index: number): void {
    for (const id of this.#present) this.#call(id);
    const { text, marks } = fields;
    const from = marks[index * 4 + 2] as number;
    const to = marks[index * 4 + 3] as number;
    this.#values?.search(text, from, to);
    if (this.#searching !== undefined) {
      const { screen, screened, always } = this.#searching;
      always?.search(text, from, to);
      const worthScreening = to - from >= minScreenedLength;
      if (!worthScreening || screen?.admits(text.slice(from, to)) === true) screened?.search(text, from, to);
    }
    if (this.#lines !== undefined) searchLine(this.#lines, fields, index);
  }
}

/** The guards on the lines of any field. */
export class LineGuards {
  readonly #index: ScreenedIndex;

  private constructor(index: ScreenedIndex) {
    this.#index = index;
  }

  static of(guarded: readonly Guarded[], call: Call): LineGuards | undefined {
    const index = screenedIndex(patternsOn(guarded, "line"), call);
    return index === undefined ? undefined : new LineGuards(index);
  }

  search(fields: Fields): void {
    const { screen, screened, always } = this.#index;
    if (screened !== undefined && screen?.admits(fields.text) === true) searchLines(screened, fields);
    if (always !== undefined) searchLines(always, fields);
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

/** The guards on gRPC calls. */
export class GrpcGuards {
  readonly #call: Call;
  readonly #calls: readonly number[];
  readonly #services: PatternIndex | undefined;
  readonly #methods: PatternIndex | undefined;
  readonly #paths: PatternIndex | undefined;

  private constructor(guarded: readonly Guarded[], call: Call) {
    this.#call = call;
    this.#calls = guarded.filter(({ guard }) => guard.on === "grpc").map(({ id }) => id);
    this.#services = patternIndex(patternsOn(guarded, "grpc-service"), call);
    this.#methods = patternIndex(patternsOn(guarded, "grpc-method"), call);
    this.#paths = patternIndex(patternsOn(guarded, "grpc-path"), call);
  }

  static of(guarded: readonly Guarded[], call: Call): GrpcGuards | undefined {
    return guarded.some(({ guard }) => guard.on.startsWith("grpc"))
      ? new GrpcGuards(guarded, call)
      : undefined;
  }

  search(head: RequestHead): void {
    const called = grpcCall(head);
    if (typeof called === "string") return;
    for (const id of this.#calls) this.#call(id);
    this.#services?.search(called.path, 1, called.slash);
    this.#methods?.search(called.path, called.slash + 1, called.end);
    this.#paths?.search(called.path, 1, called.end);
  }
}

function patternsOn(
  guarded: readonly Guarded[],
  on: "value" | "field-line" | "line" | "path" | "grpc-service" | "grpc-method" | "grpc-path",
): IndexedPattern[] {
  return guarded.flatMap(({ guard, id }) =>
    guard.on === on && "pattern" in guard ? [{ pattern: guard.pattern, id }] : [],
  );
}

function patternIndex(patterns: readonly IndexedPattern[], call: Call): PatternIndex | undefined {
  return patterns.length === 0 ? undefined : new PatternIndex(patterns, call);
}

/** Patterns of which some can be found only where the screen admits the text. */
interface ScreenedIndex {
  readonly screen: LiteralScreen | undefined;
  readonly screened: PatternIndex | undefined;
  readonly always: PatternIndex | undefined;
}

function screenedIndex(patterns: readonly IndexedPattern[], call: Call): ScreenedIndex | undefined {
  if (patterns.length === 0) return undefined;
  const literals = patterns.map(({ pattern }) => screenable(pattern));
  const screen = literalScreen(literals.flatMap((list) => list ?? []));
  const isScreened = (index: number) => screen !== undefined && literals[index] !== undefined;
  return {
    screen,
    screened: patternIndex(
      patterns.filter((_, index) => isScreened(index)),
      call,
    ),
    always: patternIndex(
      patterns.filter((_, index) => !isScreened(index)),
      call,
    ),
  };
}

/** Whether a pattern is anchored and begins with one certain character, so that most texts end it at once. */
function startsExactly({ pattern }: IndexedPattern): boolean {
  const parts = flat(pattern);
  return isAssertion(parts.next().value, "begin") && parts.next().value?.kind === "char";
}

function searchLines(patterns: PatternIndex, fields: Fields): void {
  for (let index = 0; index < fields.count; index++) searchLine(patterns, fields, index);
}

function searchLine(patterns: PatternIndex, fields: Fields, index: number): void {
  if (isContiguous(fields, index)) {
    patterns.search(fields.text, fields.marks[index * 4] as number, fields.marks[index * 4 + 3] as number);
  } else patterns.searchPieces([fields.name(index), ": ", fields.value(index)]);
}
