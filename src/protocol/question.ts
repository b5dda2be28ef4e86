import { MAX_NAME_LENGTH } from "./limits.ts";
import { objectOf, textField, type Untrusted } from "./message-fields.ts";

/**
 * What a client may ask an agent, apart from what it subscribes to. Each kind has an answer of its own.
 *
 * | kind       | asks for                                         |
 * |------------|--------------------------------------------------|
 * | `sessions` | who holds what                                   |
 */
export type Question = SessionsQuestion;

export interface SessionsQuestion {
  readonly kind: "sessions";
}

/** Shows that whoever asks may speak for a session: the key is what `welcome` gave to that session alone. */
export interface SessionProof {
  readonly session: string;
  readonly key: string;
}

/** Gives undefined for a kind this version does not know. @throws ProtocolError `bad-message` */
export function question(from: Untrusted): Question | undefined {
  const kind = textField(from, "kind", MAX_NAME_LENGTH);
  switch (kind) {
    case "sessions":
      return { kind };
    default:
      return undefined;
  }
}

/** @throws ProtocolError `bad-message` */
export function sessionProof(from: Untrusted, name: string): SessionProof {
  const value = objectOf(from[name], name);
  return {
    session: textField(value, "session", MAX_NAME_LENGTH),
    key: textField(value, "key", MAX_NAME_LENGTH),
  };
}
