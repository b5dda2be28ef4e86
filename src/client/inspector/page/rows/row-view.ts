import type { Row } from "../../page-contract.ts";
import { byArrival, inOrder, type RowOrder } from "./row-order.ts";
import type { RowChanges, RowStore } from "./row-store.ts";

/** Rows that are looked at before others may do something: 4,000 take a few milliseconds. */
const ROWS_AT_ONCE = 4_000;

/**
 * The rows that are shown: those of a store that a test lets through, in an order. Follows the store row by row; a new test
 * looks through all rows a few thousand at a time, and the old view stays until that is done.
 */
export class RowView {
  readonly #store: RowStore;
  #ids: number[] = [];
  #test: (row: Row) => boolean = () => true;
  #order: RowOrder = byArrival;
  /** Counts up with each new test, so that a search for an older one notices. */
  #search = 0;
  #stale = false;
  /** Rows that changed while a search was under way. */
  readonly #touched = new Set<number>();
  #isSearching = false;

  constructor(store: RowStore) {
    this.#store = store;
  }

  get length(): number {
    return this.#ids.length;
  }

  get order(): RowOrder {
    return this.#order;
  }

  /** Whether rows came that are not in their order yet: `sortAgain` puts them there. */
  get isStale(): boolean {
    return this.#stale;
  }

  idAt(place: number): number | undefined {
    return this.#ids[place];
  }

  at(place: number): Row | undefined {
    const id = this.#ids[place];
    return id === undefined ? undefined : this.#store.get(id);
  }

  /** Ids in the order in which they are shown. */
  ids(): readonly number[] {
    return this.#ids;
  }

  /** Where a row is shown; -1 when it is not. */
  placeOf(id: number): number {
    if (this.#order.by !== "time") return this.#ids.indexOf(id);
    const place = this.#placeByTime(id);
    return this.#ids[place] === id ? place : -1;
  }

  /** What came or changed is shown from now on, or is not. */
  take({ added, changed }: RowChanges): void {
    for (const row of added) if (this.#test(row)) this.#show(row.id);
    for (const { before, now } of changed) {
      if (this.#isSearching) this.#touched.add(now.id);
      const was = this.#test(before);
      const is = this.#test(now);
      if (is && !was) this.#show(now.id);
      else if (was && !is) this.#hide(now.id);
      else if (is && this.#order.by !== "time") this.#stale = true;
    }
  }

  forget(upTo: number): void {
    if (this.#order.by !== "time") this.#ids = this.#ids.filter((id) => id > upTo);
    else if (this.#order.isDown) this.#ids.length = this.#placeByTime(upTo);
    else this.#ids.splice(0, this.#placeByTime(upTo + 1));
  }

  /** Shows what another test lets through. `pause` is asked for a moment now and then. Gives false when a newer one came. */
  async search(test: (row: Row) => boolean, pause: () => Promise<void>): Promise<boolean> {
    const search = ++this.#search;
    this.#isSearching = true;
    this.#touched.clear();
    const found: number[] = [];
    let last = -1;
    for (let place = 0; place < this.#store.size; ) {
      const until = place + ROWS_AT_ONCE;
      for (; place < until; place++) {
        const row = this.#store.at(place);
        if (row === undefined) break;
        if (row.id <= last) continue;
        last = row.id;
        if (test(row)) found.push(row.id);
      }
      if (place < this.#store.size) await pause();
      if (search !== this.#search) return false;
      // Rows may have been forgotten meanwhile; then places have moved down.
      while (place > 0 && (this.#store.at(place - 1)?.id ?? Infinity) > last) place--;
    }
    const oldest = this.#store.at(0)?.id ?? Infinity;
    this.#test = test;
    this.#ids = found[0] !== undefined && found[0] < oldest ? found.filter((id) => id >= oldest) : found;
    this.#isSearching = false;
    this.#sort();
    for (const id of this.#touched) {
      const row = this.#store.get(id);
      if (row === undefined) continue;
      const isShown = this.placeOf(id) !== -1;
      if (test(row) && !isShown) this.#show(id);
      else if (!test(row) && isShown) this.#hide(id);
    }
    this.#touched.clear();
    return true;
  }

  setOrder(order: RowOrder): void {
    this.#order = order;
    this.#sort();
  }

  sortAgain(): void {
    this.#sort();
  }

  #sort(): void {
    this.#stale = false;
    if (this.#order.by === "time") {
      this.#ids.sort(this.#order.isDown ? (a, b) => b - a : (a, b) => a - b);
      return;
    }
    const rows = this.#ids.map((id) => this.#store.get(id)).filter((row) => row !== undefined);
    this.#ids = inOrder(rows, this.#order).map(({ id }) => id);
  }

  #show(id: number): void {
    if (this.#order.by !== "time") {
      this.#ids.push(id);
      this.#stale = true;
      return;
    }
    const last = this.#ids.at(-1);
    if (!this.#order.isDown && (last === undefined || last < id)) this.#ids.push(id);
    else this.#ids.splice(this.#placeByTime(id), 0, id);
  }

  #hide(id: number): void {
    const place = this.placeOf(id);
    if (place !== -1) this.#ids.splice(place, 1);
  }

  /** Where an id is or would be, when they are in the order of time. */
  #placeByTime(id: number): number {
    const { isDown } = this.#order;
    let from = 0;
    let until = this.#ids.length;
    while (from < until) {
      const middle = (from + until) >>> 1;
      const other = this.#ids[middle] as number;
      if (isDown ? other > id : other < id) from = middle + 1;
      else until = middle;
    }
    return from;
  }
}
