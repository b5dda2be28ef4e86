import type { Answer, Ask } from "../../protocol/index.ts";
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
  readonly #open = new Map<number, AbortController>();

  /** `tell` gives false when the tunnel is full. */
  constructor(options: { session: string; control: Control; tell: (answer: Reply) => boolean }) {
    this.#session = options.session;
    this.#control = options.control;
    this.#tell = options.tell;
  }

  ask({ id, question }: Ask): void {
    const refuse = (code: string, message: string): void =>
      void this.#tell({ type: "answer", id, body: null, error: { code, message }, isLast: true });
    if (this.#open.has(id)) return refuse("id-in-use", `question ${id} is being answered`);
    if (this.#open.size >= MAX_OPEN_QUESTIONS)
      return refuse("too-many", `a session asks at most ${MAX_OPEN_QUESTIONS} questions at once`);
    const over = new AbortController();
    this.#open.set(id, over);
    const end = (): boolean => this.#open.get(id) === over && this.#open.delete(id);
    const asker: Asker = {
      session: this.#session,
      signal: over.signal,
      tell: (body) =>
        this.#open.get(id) !== over || this.#tell({ type: "answer", id, body, error: null, isLast: false }),
      finish: (body) => {
        if (end()) this.#tell({ type: "answer", id, body, error: null, isLast: true });
      },
      refuse: (code, message) => {
        if (end()) refuse(code, message);
      },
    };
    this.#control.answer(question, asker);
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
