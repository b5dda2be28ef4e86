import type { ReadStream, WriteStream } from "node:tty";
import { copyToClipboard, DrawnScreen } from "./drawn-screen.ts";
import { FullScreen } from "./full-screen.ts";
import { readKeys } from "./keys.ts";
import { type Look, pageRowsOf, screenLines, type ScreenSize } from "./screen-lines.ts";
import type { WatchModel } from "./watch-model.ts";

/** At most 20 times a second. */
const drawEveryMs = 50;
/** A sequence comes at once; an escape that stays alone is the key. */
const escapeMs = 50;
/** What OSC 52 may carry in most terminals. */
const maxClipboardBytes = 74_994;

/** Shows a model on a terminal, and gives it what is typed, until somebody quits. */
export class WatchScreen {
  readonly #input: ReadStream;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #model: WatchModel;
  readonly #look: Look;
  readonly #drawn = new DrawnScreen();
  readonly #over = Promise.withResolvers<void>();
  #fullScreen: FullScreen | undefined;
  #drawnAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #typed = "";
  #escapeTimer: NodeJS.Timeout | undefined;
  #isWorking = false;

  constructor(parts: {
    input: ReadStream;
    output: WriteStream & { readonly fd: number };
    model: WatchModel;
    look: Look;
  }) {
    this.#input = parts.input;
    this.#output = parts.output;
    this.#model = parts.model;
    this.#look = parts.look;
  }

  /** Something of the model has changed. */
  changed(): void {
    if (this.#timer !== undefined || this.#fullScreen === undefined) return;
    const waitMs = Math.max(0, this.#drawnAtMs + drawEveryMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, waitMs);
  }

  /** Settles when somebody quits, the terminal is gone, or `signal` aborts; the terminal is as it was then. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.#over.resolve();
    const onKeys = (text: string) => this.#type(text);
    const onResize = () => {
      this.#drawn.forget();
      this.changed();
    };
    using fullScreen = new FullScreen({
      input: this.#input,
      output: this.#output,
      onBack: () => {
        this.#drawn.forget();
        this.changed();
      },
    });
    this.#fullScreen = fullScreen;
    signal.addEventListener("abort", stop, { once: true });
    this.#input.setEncoding("utf8");
    this.#input.on("data", onKeys).on("end", stop).on("error", stop).on("close", stop);
    this.#output.on("resize", onResize).on("drain", this.#onDrain);
    this.changed();
    try {
      if (!signal.aborted) await this.#over.promise;
    } finally {
      this.#fullScreen = undefined;
      clearTimeout(this.#timer);
      clearTimeout(this.#escapeTimer);
      this.#input.off("data", onKeys).off("end", stop).off("error", stop).off("close", stop);
      this.#output.off("resize", onResize).off("drain", this.#onDrain);
      this.#input.pause();
    }
  }

  readonly #onDrain = (): void => {
    this.#isFull = false;
    this.changed();
  };

  #draw(): void {
    if (this.#fullScreen?.isOurs !== true) return;
    // A terminal that is slow to read has the latest screen next, and none between.
    if (this.#isFull) return;
    this.#drawnAtMs = performance.now();
    const size: ScreenSize = { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
    this.#model.pageRows = pageRowsOf(this.#model, size);
    const text = this.#drawn.draw(screenLines(this.#model, size, this.#look), size);
    if (text !== "") this.#isFull = !this.#output.write(text);
    if (this.#model.isFiltering) this.#work();
  }

  /** A new filter is asked about older rows between other things. */
  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    const step = (): void => {
      if (this.#fullScreen !== undefined && this.#model.work()) return void setImmediate(step);
      this.#isWorking = false;
      this.changed();
    };
    setImmediate(step);
  }

  #type(text: string): void {
    clearTimeout(this.#escapeTimer);
    const { keys, rest } = readKeys(this.#typed + text);
    this.#typed = rest;
    this.#pressAll(keys);
    if (rest === "") return;
    this.#escapeTimer = setTimeout(() => {
      this.#typed = "";
      this.#pressAll([{ name: "escape" }]);
    }, escapeMs);
  }

  #pressAll(keys: ReturnType<typeof readKeys>["keys"]): void {
    for (const key of keys) {
      const effect = this.#model.press(key);
      switch (effect?.do) {
        case "quit":
          return this.#over.resolve();
        case "suspend":
          this.#fullScreen?.suspend();
          break;
        case "redraw":
          this.#drawn.forget();
          break;
        case "copy":
          this.#copy(effect.text);
          break;
        case undefined:
      }
    }
    this.changed();
  }

  #copy(text: string): void {
    const sequence = copyToClipboard(text);
    if (sequence.length > maxClipboardBytes)
      this.#model.message = "it is too long for the clipboard: C shows it";
    else this.#output.write(sequence);
  }
}
