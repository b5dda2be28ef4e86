import { type CopyCounts, copyCounts } from "./copy-counts.ts";
import {
  choiceField,
  type Json,
  jsonField,
  listOf,
  nameField,
  objectOf,
  orNull,
  PORT,
  PRIORITY,
  timeField,
  type Untrusted,
  wholeField,
} from "./message-fields.ts";

/** A session as those who share the pod may see it. */
export interface ListedSession {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch, by the agent's clock. */
  readonly since: number;
  /** When its connection was lost, if it is waited for; null while it is there. */
  readonly awaySince: number | null;
  readonly subscriptions: readonly ListedSubscription[];
}

/** What a session holds, and how much came of it. */
export interface ListedSubscription {
  readonly id: number;
  readonly port: number;
  readonly mode: "steal" | "mirror";
  /** The wire form of its filter; null takes everything. */
  readonly filter: Json;
  readonly priority: number;
  /** The first revision that decides with it as it is now. */
  readonly revision: number;
  readonly since: number;
  /** Exchanges that it was given, or copies of them. */
  readonly requests: number;
  /** Of a mirror; null of a steal. */
  readonly copies: CopyCounts | null;
  /** When it ends by itself, milliseconds since the epoch, or null. */
  readonly until: number | null;
  /** How many exchanges it may still be given, or null. */
  readonly requestsLeft: number | null;
}

/** Reads the answer to the question `sessions`. @throws ProtocolError `bad-message` */
export function listedSessions(body: Json): ListedSession[] {
  return listOf(objectOf(body, "answer"), "sessions", listedSession);
}

function listedSession(from: Untrusted): ListedSession {
  return {
    id: nameField(from, "id"),
    name: nameField(from, "name"),
    since: timeField(from, "since"),
    awaySince: orNull(from, "awaySince", timeField),
    subscriptions: listOf(from, "subscriptions", listedSubscription),
  };
}

function listedSubscription(from: Untrusted): ListedSubscription {
  return {
    id: wholeField(from, "id"),
    port: wholeField(from, "port", PORT),
    mode: choiceField(from, "mode", ["steal", "mirror"]),
    filter: jsonField(from, "filter"),
    priority: wholeField(from, "priority", PRIORITY),
    revision: wholeField(from, "revision"),
    since: timeField(from, "since"),
    requests: wholeField(from, "requests"),
    copies: orNull(from, "copies", (from, name) => copyCounts(objectOf(from[name], name))),
    until: orNull(from, "until", timeField),
    requestsLeft: orNull(from, "requestsLeft", wholeField),
  };
}
