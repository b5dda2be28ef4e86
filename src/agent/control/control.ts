import type { ListedSession, Question } from "../../protocol/index.ts";
import { answerSessions } from "./answer-sessions.ts";
import type { Asker } from "./asker.ts";

/** A session as questions see it. */
export interface AskableSession {
  readonly id: string;
  /** It only asks, and is not listed. */
  readonly isObserver: boolean;
  /** What those who share the pod may see of it. */
  listed(): ListedSession;
}

/** What answers are made of. */
export interface ControlContext {
  readonly sessions: () => Iterable<AskableSession>;
}

/** Answers what clients ask, whichever session they ask through: a file for each kind of question. */
export class Control {
  readonly #context: ControlContext;

  constructor(context: ControlContext) {
    this.#context = context;
  }

  /** Answers once or, of a question that goes on, until the asker's signal aborts. */
  answer(question: Question | null, asker: Asker): void {
    switch (question?.kind) {
      case undefined:
        return asker.refuse("unsupported", "this version of the agent does not know the question");
      case "sessions":
        return answerSessions(this.#context, asker);
    }
  }
}
