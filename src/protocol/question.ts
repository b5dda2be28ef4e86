import { MAX_NAME_LENGTH } from "./limits.ts";
import {
  type Json,
  jsonField,
  objectOf,
  orNull,
  PORT,
  portsField,
  textField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";

/**
 * What a client may ask an agent, apart from what it subscribes to. Each kind has an answer of its own.
 *
 * | kind       | asks for                                         |
 * |------------|--------------------------------------------------|
 * | `sessions` | who holds what                                   |
 * | `release`  | the end of a session's subscriptions             |
 * | `set-filter` | another filter for a session's subscriptions   |
 */
export type Question = SessionsQuestion | ReleaseQuestion | SetFilterQuestion;

export interface SessionsQuestion {
  readonly kind: "sessions";
}

/** Answered by `Released`. */
export interface ReleaseQuestion {
  readonly kind: "release";
  readonly as: SessionProof;
  /** Which ports; none means all that the session holds. */
  readonly ports: readonly number[];
}

/** Answered by `FilterSetDone`. */
export interface SetFilterQuestion {
  readonly kind: "set-filter";
  readonly as: SessionProof;
  /** Null means every port that the session holds. */
  readonly port: number | null;
  /** The wire form of a filter, checked by the filters room; null takes everything. */
  readonly filter: Json;
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
    case "release":
      return { kind, as: sessionProof(from, "as"), ports: portsField(from, "ports") };
    case "set-filter":
      return {
        kind,
        as: sessionProof(from, "as"),
        port: orNull(from, "port", (from, name) => wholeField(from, name, PORT)),
        filter: jsonField(from, "filter"),
      };
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
