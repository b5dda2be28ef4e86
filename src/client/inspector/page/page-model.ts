import { batch, computed, signal } from "@preact/signals";
import type { InspectorState, LiveMessage, Row } from "../page-contract.ts";
import type { DialogShown } from "./dialogs/dialog-shown.ts";
import { type Api, ApiError } from "./link/api.ts";
import { LiveLink } from "./link/live-link.ts";
import { Matches } from "./query/matches.ts";
import { type BoxQuery, readBox, rowTest } from "./query/row-test.ts";
import { type ChipName, type Chips, chipsTake, firstChips } from "./query/chips.ts";
import { RowStore } from "./rows/row-store.ts";
import { byArrival, type OrderKey, type RowOrder } from "./rows/row-order.ts";
import { RowView } from "./rows/row-view.ts";

/** Something to be read at the edge of the page; what went wrong stays until it is closed. */
export interface Notice {
  readonly id: number;
  readonly kind: "done" | "wrong";
  readonly text: string;
  readonly hint: string;
}

const NOTICE_MS = 4_000;
/** Rows that change keep their order for so long, or none could be read or clicked. */
const SORT_AGAIN_MS = 1_000;

/** What the page knows, and what can be done on it. Components read its signals. */
export class PageModel {
  readonly api: Api;
  readonly link: LiveLink;
  readonly state = signal<InspectorState | undefined>(undefined);
  readonly rows = new RowStore();
  readonly view = new RowView(this.rows);
  /** Counts up at most once a frame when rows came, changed or went. */
  readonly changes = signal(0);
  readonly isCaughtUp = signal(false);
  /** Rows that could not be told when the page came back. */
  readonly missing = signal(0);
  readonly forgotten = signal<{ readonly rows: number; readonly because: string } | undefined>(undefined);

  readonly boxText = signal("");
  readonly box = computed<BoxQuery>(() => readBox(this.boxText.value));
  readonly chips = signal<Chips>(firstChips);
  readonly isSearching = signal(false);
  readonly order = signal<RowOrder>(byArrival);
  readonly selected = signal<number | undefined>(undefined);
  /** Whether the list shows its newest rows as they come. */
  readonly follows = signal(true);
  /** The row that others are compared with. */
  readonly pinned = signal<number | undefined>(undefined);
  readonly dialog = signal<DialogShown | undefined>(undefined);
  readonly notices = signal<readonly Notice[]>([]);

  readonly #matches: Matches;
  #probes = 0;
  #missedBefore = 0;
  #isDrawing = false;
  #lastNotice = 0;
  #sortTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api) {
    this.api = api;
    this.link = new LiveLink(api, (message) => this.#take(message));
    this.#matches = new Matches(api, () => this.#search());
  }

  /** Probes among the rows that are kept. */
  get probes(): number {
    return this.#probes;
  }

  row(id: number | undefined): Row | undefined {
    return id === undefined ? undefined : this.rows.get(id);
  }

  write(text: string): void {
    const before = this.box.value;
    this.boxText.value = text;
    const box = this.box.value;
    if (box.kind === "problem" || (box.kind === "all" && before.kind === "all")) return;
    if (box.kind === "filter" && box.asks) this.#matches.look(box.text);
    else this.#matches.stop();
    void this.#search();
  }

  toggle(chip: ChipName): void {
    const chips = this.chips.value;
    this.chips.value = { ...chips, [chip]: !chips[chip] };
    void this.#search();
  }

  /** Shows every row that is kept. */
  showAll(): void {
    this.chips.value = { ...firstChips, probes: true };
    if (this.boxText.value === "") void this.#search();
    else this.write("");
  }

  /** The other way round when it is sorted by that already. */
  sortBy(by: OrderKey): void {
    const { order } = this.view;
    const isDown = order.by === by ? !order.isDown : by === "duration" || by === "size" || by === "status";
    this.view.setOrder({ by, isDown });
    this.order.value = this.view.order;
    this.follows.value = by === "time" && !isDown;
    this.#draw();
  }

  /** Tells what came of something that was asked for. Gives whether it was done. */
  async attempt(doing: () => Promise<string | undefined>): Promise<boolean> {
    try {
      const done = await doing();
      if (done !== undefined) this.tell({ kind: "done", text: done, hint: "" });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell({ kind: "wrong", text: error.message, hint: error.hint });
      return false;
    }
  }

  tell(notice: Omit<Notice, "id">): void {
    const id = ++this.#lastNotice;
    this.notices.value = [...this.notices.value.slice(-3), { ...notice, id }];
    if (notice.kind === "done") setTimeout(() => this.closeNotice(id), NOTICE_MS);
  }

  closeNotice(id: number): void {
    this.notices.value = this.notices.value.filter((notice) => notice.id !== id);
  }

  #take(message: LiveMessage): void {
    batch(() => {
      if (message.type === "state") this.state.value = message.state;
      else if (message.type === "caught-up") {
        this.isCaughtUp.value = true;
        // All of them since the begin are told each time.
        this.missing.value = message.missing - this.#missedBefore;
        this.#missedBefore = message.missing;
      } else if (message.type === "rows") this.#takeRows(message.rows);
      else if (message.type === "forgotten") this.#forget(message.upTo, message.because);
    });
  }

  #takeRows(rows: readonly Row[]): void {
    const changes = this.rows.put(rows);
    for (const row of changes.added) if (row.isProbe) this.#probes++;
    this.view.take(changes);
    if (changes.added.length > 0) this.#matches.more();
    if (this.view.isStale && this.#sortTimer === undefined)
      this.#sortTimer = setTimeout(() => this.#sortLater(), SORT_AGAIN_MS);
    this.#draw();
  }

  #sortLater(): void {
    this.#sortTimer = undefined;
    this.view.sortAgain();
    this.#draw();
  }

  #forget(upTo: number, because: string | null): void {
    const before = this.rows.size;
    for (let place = 0; place < before; place++) {
      const row = this.rows.at(place);
      if (row === undefined || row.id > upTo) break;
      if (row.isProbe) this.#probes--;
    }
    this.rows.forget(upTo);
    this.view.forget(upTo);
    this.#matches.forget(upTo);
    const rows = before - this.rows.size;
    if (because === null) {
      this.forgotten.value = undefined;
      this.missing.value = 0;
    } else if (rows > 0) this.forgotten.value = { rows: rows + (this.forgotten.value?.rows ?? 0), because };
    const selected = this.selected.value;
    if (selected !== undefined && selected <= upTo) this.selected.value = undefined;
    if ((this.pinned.value ?? Infinity) <= upTo) this.pinned.value = undefined;
    this.#draw();
  }

  async #search(): Promise<void> {
    const box = this.box.value;
    const ofBox = rowTest(box, this.#matches.ids);
    const chips = this.chips.value;
    this.isSearching.value = true;
    const isDone = await this.view.search((row) => chipsTake(chips, row) && ofBox(row), nextTurn);
    if (!isDone) return;
    this.isSearching.value = false;
    this.#draw();
  }

  /** Once a frame; without frames, as in a tab that is not seen, when it is seen again. */
  #draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.changes.value++;
    });
  }

  /** Begins: the first search sets the chips' test. */
  begin(): void {
    void this.#search();
    void this.link.run(new AbortController().signal);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve));
