import { ProtocolError } from "./errors.ts";
import { MAX_FIELDS_TOLD, MAX_NAME_LENGTH, MAX_TARGET_LENGTH } from "./limits.ts";
import {
  choiceField,
  flagField,
  listOf,
  nameField,
  objectOf,
  orNull,
  PORT,
  pairsField,
  PRIORITY,
  sentenceField,
  textField,
  textsField,
  timeField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";

/** Who got one request or connection, and which clause decided it, as whoever asks may see it. */
export interface DecisionRecord {
  readonly type: "decision";
  /** Counts up by one for each decision of the agent, so that a gap shows what was not told. */
  readonly seq: number;
  readonly requestId: string;
  /** When it was decided: milliseconds since the epoch, by the agent's clock. */
  readonly at: number;
  readonly port: number;
  /** Address and port of who sent it. */
  readonly peer: string;
  /** `tcp` is anything that was not read. */
  readonly protocol: (typeof PROTOCOLS)[number];
  /** "" of a connection. */
  readonly method: string;
  /** Cut by the agent to `MAX_TARGET_LENGTH`, without the values of secret parameters; "" of a connection. */
  readonly target: string;
  readonly verdict: (typeof VERDICTS)[number];
  /** In a sentence or several, for people. */
  readonly reason: string;
  /**
   * The filters that were asked, in their order, each with its result; empty where there was nothing to ask. Null when the
   * request's head was too large to be kept, or the explanation to be told.
   */
  readonly explanation: readonly AskedFilter[] | null;
  /** Filters that were asked and are not in `explanation`. */
  readonly unexplained: number;
  readonly headerNames: readonly string[];
  /** All fields in order, for the session that had the request; null for others, and where nobody asked for it. */
  readonly head: readonly (readonly [name: string, value: string])[] | null;
  /** Of the answer; null while there is none, and where it was not read. */
  readonly status: number | null;
  /** From the decision to the answer's head; null where it was not seen. */
  readonly firstByteMs: number | null;
  /** From the decision to the end; null while it is under way. */
  readonly durationMs: number | null;
  /** Of the request, head and body. */
  readonly bytesIn: number;
  /** Of the answer. */
  readonly bytesOut: number;
  /** Of the port's routes that decided. */
  readonly revision: number;
  /** Whose filter took it, whatever came of that; null when nobody's did. */
  readonly session: string | null;
  readonly sessionName: string | null;
  /** The number of that subscription, for its own session only. */
  readonly subscription: number | null;
  readonly failure: string | null;
  /** A health probe of the platform. */
  readonly isProbe: boolean;
  readonly mirrors: readonly MirrorFact[];
  /** What each draft of the question says of it, in their order; absent where none was asked. */
  readonly drafts?: readonly DraftVerdict[];
}

/** What a filter that is not in force says of a request. */
export interface DraftVerdict {
  /** Null of a connection, and of a request whose head was too large to be kept. */
  readonly matches: boolean | null;
  /** The one clause of several that did not hold, as an expression; null when it matches, and where there are more. */
  readonly clause: string | null;
  /** The deciding clause in words; "" when it matches. */
  readonly because: string;
}

/** A filter that was asked about a request. */
export interface AskedFilter {
  readonly session: string;
  readonly name: string;
  /** As an expression, cut; null when everything is taken. */
  readonly filter: string | null;
  readonly priority: number;
  /** Since which revision of the routes it is this one. */
  readonly revision: number;
  readonly matches: boolean;
  /** The deciding clause in words. */
  readonly because: string;
  /** Clause by clause; null when there is no filter, or it has too many clauses. */
  readonly clauses: ExplainedClause | null;
}

/** The filters room's explanation, cut to what a message holds. */
export interface ExplainedClause {
  readonly result: boolean;
  readonly kind: (typeof CLAUSE_KINDS)[number];
  readonly clause: string;
  readonly because: string;
  readonly parts: readonly ExplainedClause[];
}

/** A session that was to get a copy, and what came of it. */
export interface MirrorFact {
  readonly session: string;
  readonly name: string;
  /** For people: `sent`, `under way`, or `skipped`, `dropped` or `failed` with the reason behind a colon. */
  readonly outcome: string;
}

const PROTOCOLS = ["http1", "http2", "tcp", "tls"] as const;
const VERDICTS = ["stolen", "original", "opaque", "stolen-raw"] as const;
const CLAUSE_KINDS = ["clause", "all", "any", "not"] as const;
const STATUS = { min: 100, max: 999 };
/** As deep as a filter may be, with one level for what a gRPC clause says. */
const MAX_CLAUSE_DEPTH = 34;

/** @throws ProtocolError `bad-message` */
export function decisionRecord(from: Untrusted): DecisionRecord {
  return {
    type: "decision",
    seq: wholeField(from, "seq"),
    requestId: nameField(from, "requestId"),
    at: timeField(from, "at"),
    port: wholeField(from, "port", PORT),
    peer: nameField(from, "peer"),
    protocol: choiceField(from, "protocol", PROTOCOLS),
    method: nameField(from, "method"),
    target: textField(from, "target", MAX_TARGET_LENGTH),
    verdict: choiceField(from, "verdict", VERDICTS),
    reason: sentenceField(from, "reason"),
    explanation: orNull(from, "explanation", (from, field) => listOf(from, field, askedFilter)),
    unexplained: wholeField(from, "unexplained"),
    headerNames: textsField(from, "headerNames", { maxCount: MAX_FIELDS_TOLD, maxLength: MAX_NAME_LENGTH }),
    head: orNull(from, "head", (from, field) => pairsField(from, field, MAX_FIELDS_TOLD)),
    status: orNull(from, "status", (from, field) => wholeField(from, field, STATUS)),
    firstByteMs: orNull(from, "firstByteMs", timeField),
    durationMs: orNull(from, "durationMs", timeField),
    bytesIn: wholeField(from, "bytesIn"),
    bytesOut: wholeField(from, "bytesOut"),
    revision: wholeField(from, "revision"),
    session: orNull(from, "session", nameField),
    sessionName: orNull(from, "sessionName", nameField),
    subscription: orNull(from, "subscription", wholeField),
    failure: orNull(from, "failure", sentenceField),
    isProbe: flagField(from, "isProbe"),
    mirrors: listOf(from, "mirrors", mirrorFact),
    ...(from["drafts"] === undefined ? {} : { drafts: listOf(from, "drafts", draftVerdict) }),
  };
}

function draftVerdict(from: Untrusted): DraftVerdict {
  return {
    matches: orNull(from, "matches", flagField),
    clause: orNull(from, "clause", sentenceField),
    because: sentenceField(from, "because"),
  };
}

function askedFilter(from: Untrusted): AskedFilter {
  return {
    session: nameField(from, "session"),
    name: nameField(from, "name"),
    filter: orNull(from, "filter", sentenceField),
    priority: wholeField(from, "priority", PRIORITY),
    revision: wholeField(from, "revision"),
    matches: flagField(from, "matches"),
    because: sentenceField(from, "because"),
    clauses: orNull(from, "clauses", (from, field) => explainedClause(objectOf(from[field], field))),
  };
}

function explainedClause(from: Untrusted, depth = 0): ExplainedClause {
  if (depth > MAX_CLAUSE_DEPTH) throw new ProtocolError("bad-message", "parts must not be so deep");
  return {
    result: flagField(from, "result"),
    kind: choiceField(from, "kind", CLAUSE_KINDS),
    clause: sentenceField(from, "clause"),
    because: sentenceField(from, "because"),
    parts: listOf(from, "parts", (part) => explainedClause(part, depth + 1)),
  };
}

function mirrorFact(from: Untrusted): MirrorFact {
  return {
    session: nameField(from, "session"),
    name: nameField(from, "name"),
    outcome: sentenceField(from, "outcome"),
  };
}
