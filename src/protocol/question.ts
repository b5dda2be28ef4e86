import type { AddressesQuestion } from "./addresses-question.ts";
import { type DecisionsQuestion, decisionsQuestion } from "./decisions-question.ts";
import { type EnvironmentQuestion, environmentQuestion } from "./environment-question.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import {
  choiceField,
  type Json,
  jsonField,
  orNull,
  PORT,
  portsField,
  textField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";
import { type ReachableQuestion, reachableQuestion } from "./reachable-question.ts";
import { type SessionProof, sessionProof } from "./session-proof.ts";
import { type TryFilterQuestion, tryFilterQuestion } from "./try-filter-question.ts";

/**
 * What a client may ask an agent, apart from what it subscribes to. Each kind has an answer of its own.
 *
 * | kind       | asks for                                         |
 * |------------|--------------------------------------------------|
 * | `sessions` | who holds what                                   |
 * | `decisions` | who got which request, and why                  |
 * | `try-filter` | what a filter would have matched               |
 * | `release`  | the end of a session's subscriptions             |
 * | `set-filter` | another filter for a session's subscriptions   |
 * | `metrics`  | what is measured of the agent                    |
 * | `environment` | the environment of a process of the pod       |
 * | `addresses` | the pod's own addresses                         |
 * | `reachable` | whether a port of the pod is open to others     |
 */
export type Question =
  | SessionsQuestion
  | DecisionsQuestion
  | TryFilterQuestion
  | ReleaseQuestion
  | SetFilterQuestion
  | MetricsQuestion
  | EnvironmentQuestion
  | AddressesQuestion
  | ReachableQuestion;

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

export interface MetricsQuestion {
  readonly kind: "metrics";
  /** Prometheus' text, or the same numbers for programs. */
  readonly form: "text" | "json";
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
    case "release":
      return { kind, as: sessionProof(from, "as"), ports: portsField(from, "ports") };
    case "set-filter":
      return {
        kind,
        as: sessionProof(from, "as"),
        port: orNull(from, "port", (from, name) => wholeField(from, name, PORT)),
        filter: jsonField(from, "filter"),
      };
    case "metrics":
      return { kind, form: choiceField(from, "form", ["text", "json"]) };
    case "environment":
      return environmentQuestion(from);
    case "addresses":
      return { kind };
    case "reachable":
      return reachableQuestion(from);
    default:
      return undefined;
  }
}
