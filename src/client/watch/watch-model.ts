import type { ToldDecision } from "../decisions/index.ts";
import { curlCommand } from "./curl-command.ts";
import type { Key } from "./keys.ts";
import { type RowFilter, rowFilterOf } from "./row-filter.ts";
import { type Row, RowStore } from "./row-store.ts";
import { ShownRows } from "./shown-rows.ts";

/** What is on the screen: the list, one request, a command to copy, or the keys. */
export type Mode =
  | { readonly at: "list" }
  | { readonly at: "detail"; readonly number: number; readonly scroll: number }
  | { readonly at: "curl"; readonly number: number; readonly scroll: number }
  | { readonly at: "help"; readonly scroll: number };

/** The line in which a filter is typed. */
export interface FilterLine {
  readonly text: string;
  /** Where the next character comes, in UTF-16 units. */
  readonly cursor: number;
  readonly problem: string | undefined;
}

/** How it stands with those who tell. */
export interface Connection {
  readonly there: number;
  readonly all: number;
  /** Of one that is not there. */
  readonly why: string | undefined;
  /** Decisions that were not told. */
  readonly missing: number;
}

/** What a key is to cause beside another screen. */
export type Effect =
  | { readonly do: "quit" }
  | { readonly do: "suspend" }
  | { readonly do: "redraw" }
  | { readonly do: "copy"; readonly text: string };

/** Rows that are asked about a new filter in one go: some milliseconds. */
const refilterRows = 4_000;

/**
 * All that a screen shows, and what keys do to it. No input or output: what came and what was typed is told to it, and
 * `screenLines` says what it looks like.
 */
export class WatchModel {
  readonly label: string;
  readonly rows: RowStore;
  connection: Connection = { there: 0, all: 0, why: undefined, missing: 0 };
  /** Something to say until the next key. */
  message: string | undefined;
  #shown = new ShownRows();
  /** How many rows may fit, if one could see all of them. */
  #maybe = 0;
  #filter: RowFilter;
  #filterLine: FilterLine | undefined;
  #filterBefore = "";
  #mode: Mode = { at: "list" };
  #selected: number | undefined;
  #isFollowing = true;
  /** While paused, the first number that is not shown. */
  #pausedAt: number | undefined;
  #refilter:
    | { readonly filter: RowFilter; readonly shown: ShownRows; next: number; maybe: number }
    | undefined;
  #pageRows = 20;

  /** @throws Error never; an initial filter that is wrong must have been refused before */
  constructor(options: { label: string; filter?: string; onlyStolen?: boolean; rows?: RowStore }) {
    this.label = options.label;
    this.rows = options.rows ?? new RowStore();
    const filter = rowFilterOf(options.filter ?? "", options.onlyStolen ?? false);
    this.#filter = "fit" in filter ? filter : { text: "", onlyStolen: false, fit: () => "yes" };
  }

  get mode(): Mode {
    return this.#mode;
  }

  get filter(): RowFilter {
    return this.#refilter?.filter ?? this.#filter;
  }

  get filterLine(): FilterLine | undefined {
    return this.#filterLine;
  }

  get shown(): ShownRows {
    return this.#shown;
  }

  get maybe(): number {
    return this.#maybe;
  }

  get isFollowing(): boolean {
    return this.#isFollowing && this.#pausedAt === undefined;
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** A new filter is still asked about older rows. */
  get isFiltering(): boolean {
    return this.#refilter !== undefined;
  }

  /** How many of the shown rows there are to see: all but those that came since the pause. */
  get visibleCount(): number {
    return this.#pausedAt === undefined ? this.#shown.length : this.#shown.placeOf(this.#pausedAt);
  }

  /** Rows that came since the pause. */
  get waiting(): number {
    return this.#shown.length - this.visibleCount;
  }

  /** The place of the selected row among the visible ones; -1 when there is none. */
  get selectedPlace(): number {
    const last = this.visibleCount - 1;
    if (this.#selected === undefined || this.isFollowing) return last;
    return Math.min(this.#shown.placeOf(this.#selected), last);
  }

  /** How many rows are on one page: the screen says so. */
  set pageRows(rows: number) {
    this.#pageRows = Math.max(1, rows);
  }

  add(decisions: readonly ToldDecision[]): void {
    for (const decision of decisions) {
      const { number } = this.rows.put(decision);
      const row = this.rows.get(number);
      if (row === undefined) continue;
      this.#ask(number, row);
    }
    this.#shown.dropBefore(this.rows.first);
    this.#refilter?.shown.dropBefore(this.rows.first);
  }

  /** Goes on with a new filter; false when nothing is left to do. */
  work(): boolean {
    const job = this.#refilter;
    if (job === undefined) return false;
    const until = Math.max(job.next - refilterRows, this.rows.first);
    const found: number[] = [];
    for (let number = job.next - 1; number >= until; number--) {
      const row = this.rows.get(number);
      const fit = row === undefined ? "no" : job.filter.fit(row);
      if (fit === "yes") found.push(number);
      else if (fit === "maybe") job.maybe++;
    }
    job.shown.prepend(found.toReversed());
    job.next = until;
    if (until > this.rows.first) return true;
    this.#filter = job.filter;
    this.#shown = job.shown;
    this.#maybe = job.maybe;
    this.#refilter = undefined;
    return false;
  }

  press(key: Key): Effect | undefined {
    this.message = undefined;
    if (key.name === "ctrl") {
      if (key.letter === "c") return { do: "quit" };
      if (key.letter === "z") return { do: "suspend" };
      if (key.letter === "l") return { do: "redraw" };
    }
    if (this.#filterLine !== undefined) return this.#typeFilter(this.#filterLine, key);
    if (key.name === "text" && key.text === "q") return { do: "quit" };
    if (key.name === "text" && key.text === "?" && this.#mode.at !== "help") {
      this.#mode = { at: "help", scroll: 0 };
      return undefined;
    }
    return this.#mode.at === "list" ? this.#inList(key) : this.#inText(key);
  }

  #ask(number: number, row: Row): void {
    const fit = this.#filter.fit(row);
    this.#shown.set(number, fit === "yes");
    if (fit === "maybe") this.#maybe++;
    const job = this.#refilter;
    if (job === undefined || number < job.next) return;
    const later = job.filter.fit(row);
    job.shown.set(number, later === "yes");
    if (later === "maybe") job.maybe++;
  }

  #inList(key: Key): Effect | undefined {
    const text = key.name === "text" ? key.text : key.name;
    switch (text) {
      case "up":
      case "k":
        return this.#move(-1);
      case "down":
      case "j":
        return this.#move(1);
      case "page-up":
      case "b":
        return this.#move(-this.#pageRows);
      case "page-down":
      case " ":
        return this.#move(this.#pageRows);
      case "home":
      case "g":
        return this.#select(0);
      case "end":
      case "G":
        this.#isFollowing = true;
        this.#selected = undefined;
        return this.isPaused ? this.#select(this.visibleCount - 1) : undefined;
      case "enter":
      case "right":
        return this.#open("detail");
      case "/":
        this.#filterBefore = this.filter.text;
        this.#filterLine = { text: this.filter.text, cursor: this.filter.text.length, problem: undefined };
        return undefined;
      case "p":
        return this.#pause();
      case "s":
        return this.#filterBy(this.filter.text, !this.filter.onlyStolen);
      case "c":
        return this.#copy();
      case "C":
        return this.#open("curl");
      case "escape":
        return { do: "quit" };
      default:
        return undefined;
    }
  }

  #inText(key: Key): Effect | undefined {
    const mode = this.#mode;
    if (mode.at === "list") return undefined;
    const scrollBy = (lines: number): undefined => {
      // The screen knows where the text ends.
      this.#mode = { ...mode, scroll: Math.max(0, mode.scroll + lines) };
    };
    const text = key.name === "text" ? key.text : key.name;
    switch (text) {
      case "up":
      case "k":
        return scrollBy(-1);
      case "down":
      case "j":
        return scrollBy(1);
      case "page-up":
      case "b":
        return scrollBy(-this.#pageRows);
      case "page-down":
      case " ":
        return scrollBy(this.#pageRows);
      case "home":
      case "g":
        this.#mode = { ...mode, scroll: 0 };
        return undefined;
      case "left":
      case "right":
        return this.#neighbour(text === "left" ? -1 : 1);
      case "c":
        return this.#copy();
      case "C":
        return this.#open("curl");
      case "escape":
      case "enter":
      case "backspace":
      case "?":
        this.#mode = mode.at === "curl" ? { at: "detail", number: mode.number, scroll: 0 } : { at: "list" };
        return undefined;
      default:
        return undefined;
    }
  }

  /** The text of the mode is so long: nobody scrolls past its end. */
  boundScroll(max: number): void {
    if (this.#mode.at !== "list" && this.#mode.scroll > max) this.#mode = { ...this.#mode, scroll: max };
  }

  #move(by: number): undefined {
    const from = this.selectedPlace;
    if (from < 0) return;
    this.#select(Math.max(0, Math.min(from + by, this.visibleCount - 1)));
  }

  #select(place: number): undefined {
    const number = this.#shown.at(place);
    if (number === undefined) return;
    this.#selected = number;
    this.#isFollowing = false;
  }

  #pause(): undefined {
    if (this.#pausedAt === undefined) {
      const place = this.selectedPlace;
      this.#pausedAt = this.rows.next;
      this.#selected ??= this.#shown.at(place);
      return;
    }
    this.#pausedAt = undefined;
  }

  #open(at: "detail" | "curl"): undefined {
    const number =
      this.#mode.at === "detail" || this.#mode.at === "curl"
        ? this.#mode.number
        : this.#shown.at(this.selectedPlace);
    if (number === undefined) return;
    if (this.#mode.at === "list") {
      this.#selected = number;
      this.#isFollowing = false;
    }
    this.#mode = { at, number, scroll: 0 };
  }

  #neighbour(by: number): undefined {
    if (this.#mode.at !== "detail") return;
    const place = this.#shown.placeOf(this.#mode.number) + by;
    const number = place >= this.visibleCount ? undefined : this.#shown.at(place);
    if (number === undefined) return;
    this.#selected = number;
    this.#mode = { at: "detail", number, scroll: 0 };
  }

  #copy(): Effect | undefined {
    const number =
      this.#mode.at === "detail" || this.#mode.at === "curl"
        ? this.#mode.number
        : this.#shown.at(this.selectedPlace);
    const row = number === undefined ? undefined : this.rows.get(number);
    const command = row === undefined ? undefined : curlCommand(row);
    if (command === undefined) {
      this.message = row === undefined ? "nothing is selected" : "it was not read as a request";
      return undefined;
    }
    this.message = `sent to the terminal's clipboard: curl for #${row?.requestId ?? ""} (C shows it)`;
    return { do: "copy", text: command };
  }

  #typeFilter(line: FilterLine, key: Key): undefined {
    const { text, cursor } = line;
    const change = (next: string, at: number): undefined => {
      const filter = rowFilterOf(next, this.filter.onlyStolen);
      const problem = "problem" in filter ? problemText(filter) : undefined;
      this.#filterLine = { text: next, cursor: at, problem };
      // The rows of the filter that was right last stay as long as the new one is wrong.
      if ("fit" in filter) this.#begin(filter);
    };
    const before = Array.from(text.slice(0, cursor));
    const after = Array.from(text.slice(cursor));
    switch (key.name) {
      case "text":
        return text.length < maxFilterLength
          ? change(text.slice(0, cursor) + key.text + text.slice(cursor), cursor + key.text.length)
          : undefined;
      case "backspace": {
        const kept = before.slice(0, -1).join("");
        return change(kept + text.slice(cursor), kept.length);
      }
      case "delete":
        return change(text.slice(0, cursor) + after.slice(1).join(""), cursor);
      case "left":
        this.#filterLine = { ...line, cursor: before.slice(0, -1).join("").length };
        return undefined;
      case "right":
        this.#filterLine = { ...line, cursor: cursor + (after[0]?.length ?? 0) };
        return undefined;
      case "home":
      case "end":
        this.#filterLine = { ...line, cursor: key.name === "home" ? 0 : text.length };
        return undefined;
      case "ctrl":
        if (key.letter === "u") return change(text.slice(cursor), 0);
        if (key.letter === "w") {
          const kept = text.slice(0, cursor).replace(/\S*\s*$/, "");
          return change(kept + text.slice(cursor), kept.length);
        }
        return undefined;
      case "enter":
        if (line.problem !== undefined) return undefined;
        this.#filterLine = undefined;
        return undefined;
      case "escape":
        this.#filterLine = undefined;
        return this.#filterBy(this.#filterBefore, this.filter.onlyStolen);
      default:
        return undefined;
    }
  }

  #filterBy(text: string, onlyStolen: boolean): undefined {
    const filter = rowFilterOf(text, onlyStolen);
    if ("fit" in filter) this.#begin(filter);
  }

  #begin(filter: RowFilter): void {
    const { text, onlyStolen } = this.filter;
    if (filter.text === text && filter.onlyStolen === onlyStolen) return;
    this.#refilter = { filter, shown: new ShownRows(), next: this.rows.next, maybe: 0 };
  }
}

const maxFilterLength = 1_000;

function problemText({ problem, position }: { problem: string; position: number | undefined }): string {
  return position === undefined ? problem : `at ${position + 1}: ${problem}`;
}
