import type { Row } from "../../page-contract.ts";

/** Texts that were seen are kept once up to this many: rows repeat hosts, methods, types and reasons. */
const MOST_TEXTS = 5_000;

/** What became of the rows by one message. */
export interface RowChanges {
  readonly added: readonly Row[];
  readonly changed: readonly { readonly before: Row; readonly now: Row }[];
}

/**
 * All rows, in the order of their ids. How many there are at most is up to the process behind the page, which says what is
 * to be forgotten.
 */
export class RowStore {
  /** In order of ids; what is before `#first` is forgotten already. */
  #rows: Row[] = [];
  #first = 0;
  readonly #texts = new Map<string, string>();

  get size(): number {
    return this.#rows.length - this.#first;
  }

  /** The row at a place of all, 0 being the oldest. */
  at(place: number): Row | undefined {
    return this.#rows[this.#first + place];
  }

  get(id: number): Row | undefined {
    const row = this.#rows[this.#placeOf(id)];
    return row?.id === id ? row : undefined;
  }

  /** Takes rows that are new or have changed. */
  put(rows: readonly Row[]): RowChanges {
    const added: Row[] = [];
    const changed: { before: Row; now: Row }[] = [];
    for (const told of rows) {
      const row = this.#withKnownTexts(told);
      const last = this.#rows.at(-1);
      if (last === undefined || this.size === 0 || last.id < row.id) {
        this.#rows.push(row);
        added.push(row);
        continue;
      }
      const place = this.#placeOf(row.id);
      const before = this.#rows[place];
      if (before?.id === row.id) {
        this.#rows[place] = row;
        changed.push({ before, now: row });
      } else {
        this.#rows.splice(place, 0, row);
        added.push(row);
      }
    }
    return { added, changed };
  }

  /** Lets go of all rows up to an id. */
  forget(upTo: number): void {
    this.#first = this.#placeOf(upTo + 1);
    if (this.#first > 4_096 && this.#first > this.#rows.length / 2) {
      this.#rows = this.#rows.slice(this.#first);
      this.#first = 0;
    } else if (this.#first === this.#rows.length) {
      this.#rows = [];
      this.#first = 0;
    } else {
      // Those that are gone need not be kept in memory until then.
      for (let place = this.#first - 1; place >= 0 && this.#rows[place] !== gone; place--)
        this.#rows[place] = gone;
    }
  }

  /** Where a row of this id is, or would be. */
  #placeOf(id: number): number {
    let from = this.#first;
    let until = this.#rows.length;
    while (from < until) {
      const middle = (from + until) >>> 1;
      if ((this.#rows[middle]?.id ?? 0) < id) from = middle + 1;
      else until = middle;
    }
    return from;
  }

  #withKnownTexts(row: Row): Row {
    return {
      ...row,
      host: this.#known(row.host),
      method: this.#known(row.method),
      because: this.#known(row.because),
      answeredBy: this.#known(row.answeredBy),
      requestType: this.#known(row.requestType),
      answerType: this.#known(row.answerType),
      member: row.member === null ? null : this.#known(row.member),
    };
  }

  #known(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}

const gone: Row = {
  id: -1,
  source: "live",
  at: 0,
  port: 0,
  member: null,
  peer: "",
  protocol: "http1",
  kind: "http",
  method: "",
  host: "",
  path: "",
  status: null,
  grpcStatus: null,
  state: "over",
  what: "passed",
  answeredBy: "",
  because: "",
  isProbe: false,
  durationMs: null,
  bytesIn: 0,
  bytesOut: 0,
  requestType: "",
  answerType: "",
  headsOnly: true,
  compared: null,
  failure: null,
};
