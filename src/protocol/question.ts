import { type DecisionsQuestion, decisionsQuestion } from "./decisions-question.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import { textField, type Untrusted } from "./message-fields.ts";
import { type TryFilterQuestion, tryFilterQuestion } from "./try-filter-question.ts";

export { type SessionProof, sessionProof } from "./session-proof.ts";

/**
 * What a client may ask an agent, apart from what it subscribes to. Each kind has an answer of its own.
 *
 * | kind       | asks for                                         |
 * |------------|--------------------------------------------------|
 * | `sessions` | who holds what                                   |
 * | `decisions` | who got which request, and why                  |
 * | `try-filter` | what a filter would have matched               |
 */
export type Question = SessionsQuestion | DecisionsQuestion | TryFilterQuestion;

export interface SessionsQuestion {
  readonly kind: "sessions";
}

/** Gives undefined for a kind this version does not know. @throws ProtocolError `bad-message` */
export function question(from: Untrusted): Question | undefined {
  const kind = textField(from, "kind", MAX_NAME_LENGTH);
  switch (kind) {
    case "sessions":
      return { kind };
    case "decisions":
      return decisionsQuestion(from);
    case "try-filter":
      return tryFilterQuestion(from);
    default:
      return undefined;
  }
}
