import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isTabKey,
  isUpKey,
  useEffect,
  useKeypress,
  useRef,
  useState,
} from "@inquirer/core";
import type { Paint } from "../../text/paint.ts";
import type { PickItem, PickList } from "./pick-list.ts";
import { pickView } from "./pick-view.ts";

/** What is asked. */
export interface Question {
  readonly question: string;
  readonly list: PickList;
  readonly paint: Paint;
  /** What Tab does, in words, while there is something that it could do. */
  readonly tab?: { readonly text: () => string | undefined; readonly press: () => void };
}

const pageStep = 10;

const prompt = createPrompt<PickItem | undefined, Question>((question, done) => {
  const { list, tab } = question;
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const [, setChange] = useState(0);
  const changes = useRef(0);
  // Whoever has moved stays on what is chosen while others come.
  const chosen = useRef<PickItem | undefined>(undefined);
  useEffect(() => {
    const redraw = (): void => {
      changes.current += 1;
      setChange(changes.current);
    };
    list.onChange = redraw;
    process.stderr.on("resize", redraw);
    return () => {
      list.onChange = () => undefined;
      process.stderr.off("resize", redraw);
    };
  }, []);
  const items = list.matching(typed);
  const kept = chosen.current === undefined ? -1 : items.findIndex((item) => isSame(item, chosen.current));
  const at = kept === -1 ? Math.min(active, Math.max(0, items.length - 1)) : kept;
  const move = (to: number): void => {
    if (items.length === 0) return;
    const next = Math.max(0, Math.min(items.length - 1, to));
    chosen.current = items[next];
    setActive(next);
    changes.current += 1;
    setChange(changes.current);
  };
  useKeypress((key, readline) => {
    if (isEnterKey(key)) {
      const item = items[at];
      if (item !== undefined) return done(item);
      // Readline has emptied its line.
      readline.write(typed);
    } else if (key.name === "escape") done(undefined);
    else if (isTabKey(key)) {
      readline.clearLine(0);
      readline.write(typed);
      tab?.press();
    } else if (isUpKey(key)) move(at === 0 ? items.length - 1 : at - 1);
    else if (isDownKey(key)) move(at === items.length - 1 ? 0 : at + 1);
    else if (key.name === "pageup") move(at - pageStep);
    else if (key.name === "pagedown") move(at + pageStep);
    else if (key.name === "home") move(0);
    else if (key.name === "end") move(items.length - 1);
    else if (readline.line !== typed) {
      chosen.current = undefined;
      setActive(0);
      setTyped(readline.line);
    }
  });
  const key = tab?.text();
  const view = pickView(
    {
      question: question.question,
      typed,
      items,
      active: at,
      busy: list.busy,
      notes: list.notes,
      keys: key === undefined ? [] : [key],
      columns: process.stderr.columns || 80,
      rows: process.stderr.rows || 24,
    },
    question.paint,
  );
  return [view.question, view.list];
});

function isSame(one: PickItem, other: PickItem | undefined): boolean {
  return one.value === other?.value && one.namespace === other.namespace;
}

/**
 * Asks on the terminal of stderr, since stdout may belong to a program; what was drawn is taken away in the end. Gives undefined
 * when it was left by Esc, Ctrl-C, the end of input, or `signal`.
 */
export async function pick(question: Question, signal: AbortSignal): Promise<PickItem | undefined> {
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  process.stdin.once("end", stop);
  try {
    return await prompt(question, {
      input: process.stdin,
      output: process.stderr,
      clearPromptOnDone: true,
      signal: AbortSignal.any([signal, ended.signal]),
    });
  } catch (error) {
    if (error instanceof Error && left.has(error.name)) return undefined;
    throw error;
  } finally {
    process.stdin.off("end", stop);
    process.stdin.pause();
  }
}

/** How the library says that somebody has left. */
const left: ReadonlySet<string> = new Set(["ExitPromptError", "AbortPromptError", "CancelPromptError"]);
