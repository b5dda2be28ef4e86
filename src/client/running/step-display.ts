import { cutToWidth } from "../text/fit-width.ts";
import { type Paint, printable } from "../text/paint.ts";
import { type ScreenForm, screenFormOf } from "../text/screen-form.ts";
import type { StepReport } from "./reporter.ts";

/** Shows the steps of a beginning among the lines of a reporter. */
export interface StepDisplay {
  step(report: StepReport): void;
  /** Writes a line of the reporter, so that what is drawn does not get in its way. */
  writeLine(line: string): void;
  /** How wide text may be; without end where it is for no terminal. */
  textColumns(): number;
  /** Nothing is drawn from now on: somebody else writes to the terminal, too. */
  calm(): void;
}

/** What takes less is not worth a line. */
export const shownAfterMs = 300;
/** Where nothing can be drawn, whoever waits for so long is told for what. */
const toldAfterMs = 5_000;
const frameMs = 100;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

interface Shown {
  readonly report: StepReport;
  readonly sinceMs: number;
  timer?: NodeJS.Timeout;
}

/**
 * On a terminal one line with a spinner is drawn while a step takes long, in place; when it is done, what remains is `✓ agent started
 * 1.2 s`. Elsewhere that line alone is written, and for a step that takes very long one that says so before.
 */
export class StepLines implements StepDisplay {
  readonly #write: (text: string) => void;
  readonly #form: () => ScreenForm;
  readonly #paint: Paint;
  readonly #prefix: string;
  readonly #nowMs: () => number;
  readonly #shown = new Map<number, Shown>();
  #isDrawn = false;
  #isCalm = false;
  #frame = 0;
  #ticking: NodeJS.Timeout | undefined;

  /** `write` takes text without an end of line; `form` is asked before each drawing, since windows change. */
  constructor(options: {
    readonly write: (text: string) => void;
    readonly form: () => ScreenForm;
    readonly paint: Paint;
    /** How lines of ours begin. */
    readonly prefix?: string;
    readonly nowMs?: () => number;
  }) {
    this.#write = options.write;
    this.#form = options.form;
    this.#paint = options.paint;
    this.#prefix = options.prefix ?? "magpie  ";
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  step(report: StepReport): void {
    if (report.state === "began") return this.#began(report);
    const shown = this.#shown.get(report.step);
    if (shown === undefined) return;
    clearTimeout(shown.timer);
    this.#shown.delete(report.step);
    if (report.ms >= shownAfterMs) this.writeLine(this.#endLine(report));
    if (this.#shown.size === 0) this.#stopDrawing();
  }

  writeLine(line: string): void {
    const clear = this.#isDrawn ? clearLine : "";
    const again = this.#isDrawn && this.#shown.size > 0 ? this.#drawing() : "";
    this.#isDrawn = again !== "";
    this.#write(`${clear}${line}\n${again}`);
  }

  textColumns(): number {
    const { isTerminal, columns } = this.#form();
    return isTerminal ? columns - this.#prefix.length : Infinity;
  }

  calm(): void {
    this.#isCalm = true;
    this.#stopDrawing();
  }

  #began(report: StepReport): void {
    const shown: Shown = { report, sinceMs: this.#nowMs() };
    this.#shown.set(report.step, shown);
    if (this.#isDrawable()) {
      shown.timer = setTimeout(() => this.#startDrawing(), shownAfterMs);
    } else {
      shown.timer = setTimeout(() => {
        const text = `${this.#text(report)} … ${toldAfterMs / 1_000} s so far`;
        this.#write(`${this.#begin()}${this.#paint("dim", text)}\n`);
      }, toldAfterMs);
    }
    shown.timer.unref();
  }

  #isDrawable(): boolean {
    return !this.#isCalm && this.#form().isDrawable;
  }

  #startDrawing(): void {
    if (this.#ticking !== undefined || !this.#isDrawable()) return;
    this.#ticking = setInterval(() => this.#draw(), frameMs).unref();
    this.#draw();
  }

  #stopDrawing(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    if (this.#isDrawn) this.#write(clearLine);
    this.#isDrawn = false;
  }

  #draw(): void {
    this.#frame += 1;
    const text = this.#drawing();
    if (text === "") return;
    this.#isDrawn = true;
    this.#write(text);
  }

  /** One write a frame, over what was there: nothing is cleared before, so that nothing flickers. */
  #drawing(): string {
    const all = [...this.#shown.values()].filter(({ sinceMs }) => this.#nowMs() - sinceMs >= shownAfterMs);
    const [first, ...others] = all;
    if (first === undefined) return "";
    const spinner = frames[this.#frame % frames.length] ?? "";
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const time = timeText(this.#nowMs() - first.sinceMs);
    const { columns } = this.#form();
    // The last column stays free: a terminal would begin a new line there.
    const free = columns - 1 - this.#prefix.length - 2 - time.length - 1;
    const text = cutToWidth(`${this.#text(first.report)}${more}`, free);
    const rest = free < 4 ? "" : `${text} ${this.#paint("dim", time)}`;
    return `\r${this.#begin()}${this.#paint("cyan", spinner)} ${rest}${clearRest}`;
  }

  #endLine(report: StepReport & { state: "done" | "failed" }): string {
    const mark = report.state === "done" ? this.#paint("green", "✓") : this.#paint("red", "✗");
    return `${this.#begin()}${mark} ${this.#text(report)} ${this.#paint("dim", timeText(report.ms))}`;
  }

  #text({ text, member }: StepReport): string {
    return printable(member === undefined ? text : `${member}: ${text}`);
  }

  #begin(): string {
    return this.#paint("dim", this.#prefix);
  }
}

/** For a stream of this process, whose other lines go through it. */
export function stepLinesOn(
  stream: NodeJS.WriteStream,
  about: { readonly write: (text: string) => void; readonly paint: Paint },
): StepLines {
  return new StepLines({ ...about, form: () => screenFormOf(stream, process.env) });
}

/** `0.4 s`, `12 s`, `2 min 5 s`. */
function timeText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** ECMA-48: to the begin of the line, erase to its end. */
const clearRest = "\u001b[K";
const clearLine = `\r${clearRest}`;
