import { type DecisionMemory, decisionMemory } from "./decisions-question.ts";
import { MAX_TARGET_LENGTH } from "./limits.ts";
import {
  flagField,
  type Json,
  jsonField,
  listOf,
  nameField,
  objectOf,
  orNull,
  PORT,
  PRIORITY,
  sentenceField,
  textField,
  timeField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";
import { type SessionProof, sessionProof } from "./session-proof.ts";

/** Asks what a filter that is not in force would have matched. */
export interface TryFilterQuestion {
  readonly kind: "try-filter";
  /** Whose draft it is: it stands in place of what that session has. Null is nobody's that is there. */
  readonly as: SessionProof | null;
  readonly port: number | null;
  /** The wire form of a filter; null takes everything. */
  readonly filter: Json;
  readonly priority: number;
  /** Over at most so many requests, the latest ones. */
  readonly last: number;
}

/** The answer to it. */
export interface TriedFilter {
  /** Requests that the draft was asked about. */
  readonly considered: number;
  readonly matched: number;
  /** Requests that it could not be asked about, since their heads were too large to be kept. */
  readonly unread: number;
  /** Older requests were left out: the time for it was over. */
  readonly isCut: boolean;
  /** The latest that matched. */
  readonly examples: readonly TriedRequest[];
  /** Requests for which all clauses of an `all` but one held. */
  readonly nearMissCount: number;
  /** The latest of them. */
  readonly nearMisses: readonly NearMiss[];
  readonly overlaps: readonly FilterOverlap[];
  /** Why it would be refused, at each port that it was tried for. */
  readonly refusals: readonly { readonly port: number; readonly code: string; readonly message: string }[];
  readonly memory: DecisionMemory;
}

export interface TriedRequest {
  readonly requestId: string;
  readonly at: number;
  readonly port: number;
  readonly method: string;
  readonly target: string;
  /** Whose filter took it then; null when nobody's did. */
  readonly session: string | null;
}

export interface NearMiss extends TriedRequest {
  /** The one that did not hold, as an expression, and why. */
  readonly clause: string;
  readonly because: string;
}

/** A filter in force that some of the requests pass as well. */
export interface FilterOverlap {
  readonly session: string;
  readonly name: string;
  readonly port: number;
  /** As an expression; null takes everything. */
  readonly filter: string | null;
  /** How many requests both match. */
  readonly both: number;
  /** Whether the draft would be asked first. */
  readonly isDraftFirst: boolean;
}

/** @throws ProtocolError `bad-message` */
export function tryFilterQuestion(from: Untrusted): TryFilterQuestion {
  return {
    kind: "try-filter",
    as: orNull(from, "as", sessionProof),
    port: orNull(from, "port", (from, field) => wholeField(from, field, PORT)),
    filter: jsonField(from, "filter"),
    priority: wholeField(from, "priority", PRIORITY),
    last: wholeField(from, "last"),
  };
}

/** Reads the answer to the question `try-filter`. @throws ProtocolError `bad-message` */
export function triedFilter(body: Json): TriedFilter {
  const from = objectOf(body, "answer");
  return {
    considered: wholeField(from, "considered"),
    matched: wholeField(from, "matched"),
    unread: wholeField(from, "unread"),
    isCut: flagField(from, "isCut"),
    examples: listOf(from, "examples", triedRequest),
    nearMissCount: wholeField(from, "nearMissCount"),
    nearMisses: listOf(from, "nearMisses", nearMiss),
    overlaps: listOf(from, "overlaps", filterOverlap),
    refusals: listOf(from, "refusals", refusal),
    memory: decisionMemory(objectOf(from["memory"], "memory")),
  };
}

function triedRequest(from: Untrusted): TriedRequest {
  return {
    requestId: nameField(from, "requestId"),
    at: timeField(from, "at"),
    port: wholeField(from, "port", PORT),
    method: nameField(from, "method"),
    target: textField(from, "target", MAX_TARGET_LENGTH),
    session: orNull(from, "session", nameField),
  };
}

function nearMiss(from: Untrusted): NearMiss {
  return {
    ...triedRequest(from),
    clause: sentenceField(from, "clause"),
    because: sentenceField(from, "because"),
  };
}

function filterOverlap(from: Untrusted): FilterOverlap {
  return {
    session: nameField(from, "session"),
    name: nameField(from, "name"),
    port: wholeField(from, "port", PORT),
    filter: orNull(from, "filter", sentenceField),
    both: wholeField(from, "both"),
    isDraftFirst: flagField(from, "isDraftFirst"),
  };
}

function refusal(from: Untrusted): TriedFilter["refusals"][number] {
  return {
    port: wholeField(from, "port", PORT),
    code: nameField(from, "code"),
    message: sentenceField(from, "message"),
  };
}
