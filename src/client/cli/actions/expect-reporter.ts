import {
  type AwaitedSession,
  conditionWords,
  countedEvent,
  type ExpectOutcome,
  type ExpectPlan,
  expectedEvent,
  outcomeLines,
  type Progress,
} from "../../expect/index.ts";
import { type JsonLine, textOfLine } from "../../json-lines/index.ts";
import { durationText } from "../../text/duration.ts";
import { printable } from "../../text/paint.ts";
import type { QuestionContext } from "./question.ts";

/** How often a line of JSON may say how it stands. */
const countedEveryMs = 200;
const tickMs = 500;

/** Tells how an expectation stands: on a terminal in one line that changes, else in lines as it changes. */
export class ExpectReporter implements Disposable {
  readonly #isJson: boolean;
  readonly #writeLine: (line: string) => void;
  readonly #paint: QuestionContext["paint"];
  readonly #isLive: boolean;
  #withinMs = 0;
  #last = "";
  #toldMs = -Infinity;
  #progress: Progress | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #hasLine = false;

  constructor(output: "text" | "json", { writeLine, paint }: Pick<QuestionContext, "writeLine" | "paint">) {
    this.#isJson = output === "json";
    this.#writeLine = writeLine;
    this.#paint = paint;
    const { TERM, CI } = process.env;
    this.#isLive = !this.#isJson && process.stderr.isTTY && TERM !== "dumb" && !CI;
  }

  waits(text: string): void {
    if (this.#isJson) this.#json({ event: "waiting", message: text });
    else this.#writeLine(this.#paint("dim", printable(text)));
  }

  begins(session: AwaitedSession, plan: ExpectPlan): void {
    const { conditions, since, withinMs, forMs } = plan;
    this.#withinMs = withinMs;
    const texts = conditions.map(({ text }) => text);
    if (this.#isJson) {
      const sinceText = typeof since === "string" ? since : `${since.agoMs}ms`;
      const about = {
        target: session.target.label,
        session: session.id,
        conditions: texts,
        since: sinceText,
      };
      return this.#json({ event: "expecting", ...about, withinMs, forMs });
    }
    const where = `on ${session.target.label}, beside session ${session.id}, within ${durationText(withinMs)}`;
    this.#writeLine(this.#paint("dim", printable(`expecting ${where}:`)));
    for (const text of texts) this.#writeLine(this.#paint("dim", `  ${printable(text)}`));
    if (!this.#isLive) return;
    this.#ticker = setInterval(() => this.#draw(), tickMs);
    this.#ticker.unref();
  }

  stands(progress: Progress): void {
    this.#progress = progress;
    if (this.#isLive) return this.#draw();
    const { counted, elapsedMs } = progress;
    const now = JSON.stringify(counted.map(({ fitting, wrong, standing }) => [fitting, wrong, standing]));
    if (now === this.#last || elapsedMs - this.#toldMs < countedEveryMs) return;
    const isFirst = this.#last === "";
    this.#last = now;
    this.#toldMs = elapsedMs;
    if (this.#isJson) this.#json(countedEvent(progress));
    else if (!isFirst) this.#writeLine(this.#paint("dim", printable(standsText(progress))));
  }

  ends(outcome: ExpectOutcome, exitCode: number): void {
    this.#clear();
    if (this.#isJson) this.#json(expectedEvent(outcome, exitCode));
    else for (const line of outcomeLines(outcome, this.#paint)) this.#writeLine(line);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #json(line: JsonLine): void {
    this.#writeLine(textOfLine(line));
  }

  #draw(): void {
    if (this.#progress === undefined) return;
    const restMs = Math.max(0, this.#withinMs - this.#progress.elapsedMs);
    const text = `${standsText(this.#progress)} (${Math.ceil(restMs / 1_000)} s left)`;
    process.stderr.write(
      `\r${printable(text).slice(0, Math.max(10, (process.stderr.columns || 80) - 1))}\x1b[K`,
    );
    this.#hasLine = true;
  }

  #clear(): void {
    clearInterval(this.#ticker);
    if (this.#hasLine) process.stderr.write("\r\x1b[K");
    this.#hasLine = false;
  }
}

function standsText({ counted }: Progress): string {
  return counted.map((one) => conditionWords(one, { isOver: false })).join("; ");
}
