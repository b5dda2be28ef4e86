import { EventEmitter, on } from "node:events";
import type { Answer, Ask, Json, Question, Unask } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** What a session has asked and waits for. Answers come as fast as the agent gives them, which bounds their number. */
export class OpenQuestions {
  readonly #send: (message: Ask | Unask) => void;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #lastId = 0;

  constructor(send: (message: Ask | Unask) => void) {
    this.#send = send;
  }

  /** Gives answers until the last; leaving the loop withdraws the question. @throws ClientError; the signal's reason. */
  async *ask(question: Question, options: { signal?: AbortSignal }): AsyncGenerator<Json, void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const over = new AbortController();
    const signals = [over.signal, ...(signal === undefined ? [] : [signal])];
    const heard = on(this.#events, String(id), { signal: AbortSignal.any(signals) });
    const fail = (error: ClientError): void => over.abort(error);
    this.#events.once("lost", fail);
    let isOpen = true;
    try {
      this.#send({ type: "ask", id, question });
      for await (const [answer] of heard as AsyncIterable<[Answer]>) {
        // Emitted by `answered` only.
        isOpen = !answer.isLast;
        if (answer.error !== null) throw new ClientError("ask-refused", answer.error.message);
        yield answer.body;
        if (answer.isLast) return;
      }
    } catch (error) {
      isOpen = isOpen && !over.signal.aborted;
      throw over.signal.aborted ? over.signal.reason : (signal?.reason ?? error);
    } finally {
      this.#events.off("lost", fail);
      if (isOpen) this.#send({ type: "unask", id });
    }
  }

  answered(answer: Answer): void {
    this.#events.emit(String(answer.id), answer);
  }

  /** The session is over: nobody will answer. */
  lost(error: ClientError): void {
    this.#events.emit("lost", error);
  }
}
