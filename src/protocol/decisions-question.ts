import { type DecisionRecord, decisionRecord } from "./decision-record.ts";
import { ProtocolError } from "./errors.ts";
import { MAX_NAME_LENGTH, MAX_SENTENCE_LENGTH } from "./limits.ts";
import {
  flagField,
  type Json,
  jsonField,
  listOf,
  objectOf,
  orNull,
  PORT,
  textField,
  timeField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";
import { type SessionProof, sessionProof } from "./session-proof.ts";

/** Asks what was decided and why. What is told depends on who asks: see `DecisionRecord`. */
export interface DecisionsQuestion {
  readonly kind: "decisions";
  /** Whose eyes; null is anybody's. */
  readonly as: SessionProof | null;
  /** Only this one; null is all. */
  readonly requestId: string | null;
  /** At most so many that are known already, the latest ones. */
  readonly last: number;
  /** Only those whose target, as it is told, matches the pattern; null is all. */
  readonly path: string | null;
  readonly port: number | null;
  /** Tell each that ends from now on, too. */
  readonly follow: boolean;
  /** With the fields of requests that the session has had. */
  readonly wholeHead: boolean;
  /** Of these requests secrets, too. */
  readonly showSecrets: boolean;
  /**
   * Filters in their wire form, of which each decision tells what they say of its request; at most `MAX_DRAFTS`. Only for who
   * shows a session: a mirror with that filter would tell it as much.
   */
  readonly drafts?: readonly Json[];
}

/** One answer to it: some decisions, from the oldest on. */
export interface ToldDecisions {
  readonly decisions: readonly DecisionRecord[];
  /** How many were left out since the answer before, because the tunnel or the agent was busy. */
  readonly untold: number;
  /** How far the agent's memory reaches back. */
  readonly memory: DecisionMemory;
}

export interface DecisionMemory {
  /** Decisions that are kept. */
  readonly kept: number;
  /** Older ones that were dropped to keep memory bounded. */
  readonly dropped: number;
  /** When the oldest that is kept was made, milliseconds since the epoch by the agent's clock; null when there is none. */
  readonly since: number | null;
}

/** Filters that one question may bring. */
export const MAX_DRAFTS = 16;

/** More than the agent keeps. */
const LAST = { min: 0, max: 100_000 };

/** @throws ProtocolError `bad-message` */
export function decisionsQuestion(from: Untrusted): DecisionsQuestion {
  return {
    kind: "decisions",
    as: orNull(from, "as", sessionProof),
    requestId: orNull(from, "requestId", (from, field) => textField(from, field, MAX_NAME_LENGTH)),
    last: wholeField(from, "last", LAST),
    path: orNull(from, "path", (from, field) => textField(from, field, MAX_SENTENCE_LENGTH)),
    port: orNull(from, "port", (from, field) => wholeField(from, field, PORT)),
    follow: flagField(from, "follow"),
    wholeHead: flagField(from, "wholeHead"),
    showSecrets: flagField(from, "showSecrets"),
    ...(from["drafts"] === undefined ? {} : { drafts: draftsField(from["drafts"]) }),
  };
}

function draftsField(value: unknown): Json[] {
  if (!Array.isArray(value) || value.length > MAX_DRAFTS)
    throw new ProtocolError("bad-message", `drafts must be a list of at most ${MAX_DRAFTS} filters`);
  return value.map((filter: unknown) => jsonField({ filter }, "filter"));
}

/** Reads an answer to the question `decisions`. @throws ProtocolError `bad-message` */
export function toldDecisions(body: Json): ToldDecisions {
  const from = objectOf(body, "answer");
  return {
    decisions: listOf(from, "decisions", decisionRecord),
    untold: wholeField(from, "untold"),
    memory: decisionMemory(objectOf(from["memory"], "memory")),
  };
}

/** @throws ProtocolError `bad-message` */
export function decisionMemory(from: Untrusted): DecisionMemory {
  return {
    kept: wholeField(from, "kept"),
    dropped: wholeField(from, "dropped"),
    since: orNull(from, "since", timeField),
  };
}
