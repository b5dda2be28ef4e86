import type { Question } from "../../protocol/index.ts";
import { answerAddresses } from "./answer-addresses.ts";
import { answerMetrics } from "./answer-metrics.ts";
import { answerEnvironment } from "./answer-environment.ts";
import { answerDecisions } from "./answer-decisions.ts";
import { answerTryFilter } from "./answer-try-filter.ts";
import { answerReachable } from "./answer-reachable.ts";
import { answerRelease } from "./answer-release.ts";
import { answerSessions } from "./answer-sessions.ts";
import { answerSetFilter } from "./answer-set-filter.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
import { PatientWork } from "./patient-work.ts";

/** Answers what clients ask, whichever session they ask through: a file for each kind of question. */
export class Control {
  readonly #context: ControlContext;

  constructor(context: Omit<ControlContext, "patience">) {
    this.#context = { ...context, patience: new PatientWork() };
  }

  /**
   * Answers once or, of a question that goes on, until the asker's signal aborts. Rejects for a fault of ours only: who asked
   * was told nothing then.
   */
  async answer(question: Question | null, asker: Asker): Promise<void> {
    switch (question?.kind) {
      case undefined:
        return asker.refuse("unsupported", "this version of the agent does not know the question");
      case "sessions":
        return answerSessions(this.#context, asker);
      case "decisions":
        return await answerDecisions(this.#context, { question, asker });
      case "try-filter":
        return await answerTryFilter(this.#context, { question, asker });
      case "release":
        return await answerRelease(this.#context, { question, asker });
      case "set-filter":
        return answerSetFilter(this.#context, { question, asker });
      case "metrics":
        return answerMetrics(this.#context.metrics, question, asker);
      case "environment":
        return await answerEnvironment(question, asker, this.#context.container);
      case "addresses":
        return answerAddresses(asker);
      case "reachable":
        return await answerReachable(question, asker);
    }
  }
}
