import { type Answer, type Ask, cutText, MAX_SENTENCE_LENGTH, ProtocolError } from "../../protocol/index.ts";
import type { Asker, Control } from "../control/index.ts";

/** Questions of one session that may wait for more answers at once. */
const MAX_OPEN_QUESTIONS = 16;

/** An answer whose body is laid out as JSON when it is sent. */
type Reply = Omit<Answer, "body"> & { readonly body: object | null };

/** What one session has asked and is still being answered. */
export class Questions {
  readonly #session: string;
  readonly #control: Control;
  readonly #tell: (answer: Reply) => boolean;
  readonly #onFault: (error: unknown) => void;
  readonly #open = new Map<number, AbortController>();

  /** `tell` gives false when the tunnel is full. `onFault` is told of a fault of ours, which costs the one question only. */
  constructor(options: {
    session: string;
    control: Control;
    tell: (answer: Reply) => boolean;
    onFault: (error: unknown) => void;
  }) {
    this.#session = options.session;
    this.#control = options.control;
    this.#tell = options.tell;
    this.#onFault = options.onFault;
  }

  ask({ id, question }: Ask): void {
    const refuse = (code: string, text: string): void => {
      // It may quote the question.
      const message = cutText(text, MAX_SENTENCE_LENGTH);
      this.#tell({ type: "answer", id, body: null, error: { code, message }, isLast: true });
    };
    if (this.#open.has(id)) return refuse("id-in-use", `question ${id} is being answered`);
    if (this.#open.size >= MAX_OPEN_QUESTIONS)
      return refuse("too-many", `a session asks at most ${MAX_OPEN_QUESTIONS} questions at once`);
    const over = new AbortController();
    this.#open.set(id, over);
    const end = (): boolean => this.#open.get(id) === over && this.#open.delete(id);
    const answer = (body: object, isLast: boolean): boolean => {
      try {
        return this.#tell({ type: "answer", id, body, error: null, isLast });
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        // Whoever waits is told so, and nobody else has to bear it.
        over.abort();
        this.#open.delete(id);
        refuse(error.code, `the answer cannot be told: ${error.message}`);
        return false;
      }
    };
    const asker: Asker = {
      session: this.#session,
      signal: over.signal,
      tell: (body) => this.#open.get(id) !== over || answer(body, false),
      finish: (body) => {
        if (end()) answer(body, true);
      },
      refuse: (code, message) => {
        if (end()) refuse(code, message);
      },
    };
    this.#control.answer(question, asker).catch((error: unknown) => {
      over.abort();
      asker.refuse("internal", "a fault of the agent; its log says which");
      this.#onFault(error);
    });
  }

  /** One that was answered meanwhile is no error. */
  withdraw(id: number): void {
    this.#open.get(id)?.abort();
    this.#open.delete(id);
  }

  /** Nobody waits for anything any more. */
  close(): void {
    for (const id of [...this.#open.keys()]) this.withdraw(id);
  }
}
