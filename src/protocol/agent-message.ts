import { type CopyCounts, copyCounts } from "./copy-counts.ts";
import { type DecisionRecord, decisionRecord } from "./decision-record.ts";
import { parseJsonObject } from "./json-payload.ts";
import { MAX_CAPABILITIES, MAX_NAME_LENGTH } from "./limits.ts";
import {
  choiceField,
  flagField,
  type Json,
  jsonField,
  nameField,
  objectOf,
  orNull,
  sentenceField,
  textsField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";

/** The agent's answer to `hello`: the session exists. */
export interface Welcome {
  readonly type: "welcome";
  readonly protocol: number;
  readonly capabilities: readonly string[];
  readonly agentVersion: string;
  readonly sessionId: string;
  /** Proves that whoever has it speaks for this session. A secret: never logged, never told to another session. */
  readonly sessionKey: string;
  /** How long the session is kept when its carrier is lost, in milliseconds: what the agent grants. */
  readonly graceMs: number;
  /** How packets reach the agent, and why this way was chosen. */
  readonly redirect: { readonly backend: string; readonly reason: string };
}

/** A subscription is in force; `revision` is the first one that decides with it. */
export interface Subscribed {
  readonly type: "subscribed";
  readonly id: number;
  readonly revision: number;
}

/** A subscription was not made; `code` is for programs, `message` names the holder or the fault. */
export interface Refused {
  readonly type: "refused";
  readonly id: number;
  readonly code: string;
  readonly message: string;
}

/** A subscription is over: asked for, taken by another session, or at its bound. */
export interface Unsubscribed {
  readonly type: "unsubscribed";
  readonly id: number;
  readonly code: (typeof UNSUBSCRIBED_CODES)[number];
  /** Why, in a sentence; "" when it was asked for. */
  readonly message: string;
}

/** The filter of a subscription was replaced; requests under way keep their verdict. */
export interface FilterChanged {
  readonly type: "filter-changed";
  readonly id: number;
  /** Its wire form; null takes everything. */
  readonly filter: Json;
  /** The first revision that decides with it. */
  readonly revision: number;
  /** Who asked for it. */
  readonly by: string;
}

/** Something a person should know. */
export interface Notice {
  readonly type: "notice";
  readonly level: "info" | "warning" | "error";
  readonly code: string;
  readonly message: string;
}

/** What became of a mirror's copies so far; said at most once a second while they change, and before `unsubscribed`. */
export interface Copies extends CopyCounts {
  readonly type: "copies";
  readonly subscription: number;
  /** Why the last one was dropped, in a sentence; null while none was. */
  readonly lastDrop: string | null;
}

/** The agent ends the session; the tunnel closes after it. */
export interface Goodbye {
  readonly type: "goodbye";
  readonly code: string;
  readonly message: string;
}

/** One answer to a question; more follow until `isLast`. */
export interface Answer {
  readonly type: "answer";
  readonly id: number;
  /** What was asked for, in the form that its kind names; null with an error. */
  readonly body: Json;
  /** Why there is no answer, or null; `code` is for programs. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly isLast: boolean;
}

/** What an agent says to a client. */
export type AgentMessage =
  | Welcome
  | Subscribed
  | Refused
  | Unsubscribed
  | FilterChanged
  | DecisionRecord
  | Notice
  | Copies
  | Answer
  | Goodbye;

const UNSUBSCRIBED_CODES = ["asked", "taken", "released", "max-requests", "time-over"] as const;

/**
 * Reads a MESSAGE frame from an agent. Unknown fields are ignored.
 * Gives undefined for a type this version does not know: count it and go on.
 * @throws ProtocolError `bad-message`
 */
export function parseAgentMessage(payload: Uint8Array): AgentMessage | undefined {
  const from = parseJsonObject(payload, "message");
  const type = nameField(from, "type");
  switch (type) {
    case "welcome":
      return welcome(from);
    case "subscribed":
      return { type, id: wholeField(from, "id"), revision: wholeField(from, "revision") };
    case "refused":
      return {
        type,
        id: wholeField(from, "id"),
        code: nameField(from, "code"),
        message: sentenceField(from, "message"),
      };
    case "unsubscribed":
      return {
        type,
        id: wholeField(from, "id"),
        code: choiceField(from, "code", UNSUBSCRIBED_CODES),
        message: sentenceField(from, "message"),
      };
    case "filter-changed":
      return {
        type,
        id: wholeField(from, "id"),
        filter: jsonField(from, "filter"),
        revision: wholeField(from, "revision"),
        by: nameField(from, "by"),
      };
    case "decision":
      return decisionRecord(from);
    case "notice":
      return {
        type,
        level: choiceField(from, "level", ["info", "warning", "error"]),
        code: nameField(from, "code"),
        message: sentenceField(from, "message"),
      };
    case "copies":
      return {
        type,
        subscription: wholeField(from, "subscription"),
        ...copyCounts(from),
        lastDrop: orNull(from, "lastDrop", sentenceField),
      };
    case "answer":
      return {
        type,
        id: wholeField(from, "id"),
        body: jsonField(from, "body"),
        error: orNull(from, "error", answerError),
        isLast: flagField(from, "isLast"),
      };
    case "goodbye":
      return { type, code: nameField(from, "code"), message: sentenceField(from, "message") };
    default:
      return undefined;
  }
}

function welcome(from: Untrusted): Welcome {
  const redirect = objectOf(from["redirect"], "redirect");
  return {
    type: "welcome",
    protocol: wholeField(from, "protocol"),
    capabilities: textsField(from, "capabilities", {
      maxCount: MAX_CAPABILITIES,
      maxLength: MAX_NAME_LENGTH,
    }),
    agentVersion: nameField(from, "agentVersion"),
    sessionId: nameField(from, "sessionId"),
    sessionKey: nameField(from, "sessionKey"),
    graceMs: wholeField(from, "graceMs"),
    redirect: { backend: nameField(redirect, "backend"), reason: sentenceField(redirect, "reason") },
  };
}

function answerError(from: Untrusted, field: string): { code: string; message: string } {
  const value = objectOf(from[field], field);
  return { code: nameField(value, "code"), message: sentenceField(value, "message") };
}
