import type { ToldDecision } from "../decisions/index.ts";

/** A decision as it is kept. */
export interface Row extends ToldDecision {
  /** Why it was decided so was told once, and is not kept. */
  readonly clausesForgotten?: boolean;
}

/** Rows that are kept, and how much all that they hold may be together; which of the two comes first. */
const defaultBounds = { rows: 100_000, bytes: 96 * 1024 * 1024, explained: 4_096 };
/** Of what has no length of its own. */
const rowBytes = 500;

/**
 * The latest decisions, by numbers that only grow: at most 100,000, and 96 MB. The oldest is dropped for the newest, which is
 * counted. Clauses are kept of the latest 4,096: an explanation is larger than the rest.
 */
export class RowStore {
  readonly #bounds: typeof defaultBounds;
  readonly #rows: (Row | undefined)[] = [];
  /** By whose they are. */
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<string, readonly string[]>();
  #first = 0;
  #next = 0;
  #bytes = 0;

  constructor(bounds: Partial<typeof defaultBounds> = {}) {
    this.#bounds = { ...defaultBounds, ...bounds };
  }

  /** The number of the oldest row. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next row will have. */
  get next(): number {
    return this.#next;
  }

  get dropped(): number {
    return this.#first;
  }

  get(number: number): Row | undefined {
    return number < this.#first || number >= this.#next ? undefined : this.#rows[number % this.#bounds.rows];
  }

  /** Adds a decision, or puts it in the place of what was told of it before. Gives its number. */
  put(decision: ToldDecision): { readonly number: number; readonly isNew: boolean } {
    const row = this.#shared(decision);
    const key = keyOf(decision);
    const before = this.#numbers.get(key);
    if (before !== undefined) {
      this.#bytes += bytesOf(row) - bytesOf(this.get(before) ?? row);
      this.#rows[before % this.#bounds.rows] = row;
      return { number: before, isNew: false };
    }
    const number = this.#next;
    this.#numbers.set(key, number);
    if (number - this.#first >= this.#bounds.rows) this.#drop();
    this.#rows[number % this.#bounds.rows] = row;
    this.#next++;
    this.#bytes += bytesOf(row);
    this.#forgetClauses(number - this.#bounds.explained);
    while (this.#bytes > this.#bounds.bytes && this.#first < number) this.#drop();
    return { number, isNew: true };
  }

  #drop(): void {
    const index = this.#first % this.#bounds.rows;
    const row = this.#rows[index];
    if (row !== undefined) {
      this.#bytes -= bytesOf(row);
      this.#numbers.delete(keyOf(row));
    }
    this.#rows[index] = undefined;
    this.#first++;
  }

  #forgetClauses(number: number): void {
    const row = this.get(number);
    if (row === undefined || row.explanation === null || row.explanation.length === 0) return;
    const short = { ...row, explanation: [], unexplained: 0, clausesForgotten: true };
    this.#bytes += bytesOf(short) - bytesOf(row);
    this.#rows[number % this.#bounds.rows] = short;
  }

  /** One caller sends the same names again and again. */
  #shared(decision: ToldDecision): Row {
    const key = decision.headerNames.join("\n");
    const known = this.#names.get(key);
    if (known !== undefined) return { ...decision, headerNames: known };
    if (this.#names.size >= maxNameLists) this.#names.clear();
    this.#names.set(key, decision.headerNames);
    return decision;
  }
}

/** Another agent of the same member counts from one again. */
function keyOf({ member, seq, at }: ToldDecision): string {
  return `${member ?? ""} ${seq} ${at}`;
}

const maxNameLists = 1_000;

/** About what a row takes. */
function bytesOf({ target, reason, head, explanation }: Row): number {
  let bytes = rowBytes + 2 * (target.length + reason.length);
  for (const [name, value] of head ?? []) bytes += 2 * (name.length + value.length) + 32;
  for (const { filter, because, clauses } of explanation ?? []) {
    bytes += 400 + 2 * ((filter?.length ?? 0) + because.length);
    bytes += clauses === null ? 0 : 400 * (1 + clauses.parts.length);
  }
  return bytes;
}
