import { type Bounds, bounds } from "./bounds.ts";
import { parseJsonObject } from "./json-payload.ts";
import { MAX_CAPABILITIES, MAX_NAME_LENGTH } from "./limits.ts";
import {
  choiceField,
  flagField,
  type Json,
  jsonField,
  objectOf,
  orNull,
  PORT,
  PRIORITY,
  textField,
  textsField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";
import { type MirrorTerms, mirrorTerms } from "./mirror-terms.ts";
import { type PodProbe, podProbes } from "./pod-probe.ts";
import { type ProcessIdentity, processIdentity } from "./process-identity.ts";
import { type Question, question } from "./question.ts";
import { type SubscribeTls, subscribeTls } from "./subscribe-tls.ts";

/** The first message of a client; nothing else is answered before it. */
export interface Hello {
  readonly type: "hello";
  /** Version of this protocol; an agent that does not speak it says goodbye. */
  readonly protocol: number;
  readonly capabilities: readonly string[];
  /** Who is at the other end, for the eyes of those who share the pod. */
  readonly name: string;
  /** It only asks: it subscribes to nothing, is not listed, and keeps no agent from ending. */
  readonly observer: boolean;
  /** How long the session shall be kept when its carrier is lost, in milliseconds; 0 not at all. */
  readonly graceMs: number;
  /** By which an agent on the same machine sees that the client is gone; null where it is not known. */
  readonly process: ProcessIdentity | null;
}

/** Asks for a port's requests. The client chooses `id`; it is unique in the session for ever. */
export interface Subscribe {
  readonly type: "subscribe";
  readonly id: number;
  readonly port: number;
  readonly mode: "steal" | "mirror";
  /** The wire form of a filter, checked by the filters room; null takes everything. */
  readonly filter: Json;
  /** Higher goes first. */
  readonly priority: number;
  /** Who answers when the program cannot be reached and nothing was delivered to it. */
  readonly onLocalFailure: "original" | "error";
  /**
   * Take over the connections that are established already: idle ones now, busy ones after their exchange; and take the
   * place of another session's subscription that this one cannot stand beside, unless it is kept.
   */
  readonly takeOver: boolean;
  /** Do not give this place to another session that asks for it. */
  readonly keep: boolean;
  /** Send a `decision` for every request of the port. */
  readonly trace: boolean;
  /** How TLS on the port is read; null leaves it unread. */
  readonly tls: SubscribeTls | null;
  /** Of a mirror; null of a steal. */
  readonly mirror: MirrorTerms | null;
  readonly bounds: Bounds;
  /** Who answers the health probes of the platform. */
  readonly probes: "original" | "steal";
  /** What the pod's spec probes on this port; others are known by their shape. */
  readonly podProbes: readonly PodProbe[];
  /** Tell callers in a field of the answer who served them, where this session did. */
  readonly servedBy: boolean;
}

/** Ends one subscription; streams that it opened go on to their end. */
export interface Unsubscribe {
  readonly type: "unsubscribe";
  readonly id: number;
}

/** Ends the session on purpose: no grace time is kept for its return. */
export interface Leave {
  readonly type: "leave";
}

/** Asks something. The client chooses `id`; it is unique in the session for ever, and every answer repeats it. */
export interface Ask {
  readonly type: "ask";
  readonly id: number;
  /** Null stands for a kind that this version does not know. */
  readonly question: Question | null;
}

/** Wants no further answers to a question. */
export interface Unask {
  readonly type: "unask";
  readonly id: number;
}

/** What a client says to an agent. */
export type ClientMessage = Hello | Subscribe | Unsubscribe | Leave | Ask | Unask;

/**
 * Reads a MESSAGE frame from a client. Unknown fields are ignored.
 * Gives undefined for a type this version does not know: count it and go on.
 * @throws ProtocolError `bad-message`
 */
export function parseClientMessage(payload: Uint8Array): ClientMessage | undefined {
  const from = parseJsonObject(payload, "message");
  const type = textField(from, "type", MAX_NAME_LENGTH);
  switch (type) {
    case "hello":
      return {
        type,
        protocol: wholeField(from, "protocol"),
        capabilities: textsField(from, "capabilities", {
          maxCount: MAX_CAPABILITIES,
          maxLength: MAX_NAME_LENGTH,
        }),
        name: textField(from, "name", MAX_NAME_LENGTH),
        observer: flagField(from, "observer"),
        graceMs: wholeField(from, "graceMs"),
        process: orNull(from, "process", processIdentity),
      };
    case "subscribe":
      return subscribe(from);
    case "unsubscribe":
      return { type, id: wholeField(from, "id") };
    case "leave":
      return { type };
    case "ask":
      return {
        type,
        id: wholeField(from, "id"),
        question: question(objectOf(from["question"], "question")) ?? null,
      };
    case "unask":
      return { type, id: wholeField(from, "id") };
    default:
      return undefined;
  }
}

function subscribe(from: Untrusted): Subscribe {
  return {
    type: "subscribe",
    id: wholeField(from, "id"),
    port: wholeField(from, "port", PORT),
    mode: choiceField(from, "mode", ["steal", "mirror"]),
    filter: jsonField(from, "filter"),
    priority: wholeField(from, "priority", PRIORITY),
    onLocalFailure: choiceField(from, "onLocalFailure", ["original", "error"]),
    takeOver: flagField(from, "takeOver"),
    keep: flagField(from, "keep"),
    trace: flagField(from, "trace"),
    tls: orNull(from, "tls", subscribeTls),
    mirror: orNull(from, "mirror", (from, name) => mirrorTerms(objectOf(from[name], name))),
    bounds: bounds(objectOf(from["bounds"], "bounds")),
    probes: choiceField(from, "probes", ["original", "steal"]),
    podProbes: podProbes(from, "podProbes"),
    servedBy: flagField(from, "servedBy"),
  };
}
