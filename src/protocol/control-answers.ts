import { type Json, objectOf, portsField, type Untrusted, wholeField } from "./message-fields.ts";

/** Answers the question `release`. */
export interface Released {
  /** Ports that were given up. Exchanges under way go on to their end. */
  readonly ports: readonly number[];
  /** Subscriptions that the session still holds. */
  readonly left: number;
}

/** Answers the question `set-filter`. */
export interface FilterSetDone {
  readonly ports: readonly number[];
  /** The first revision that decides with the new filter. */
  readonly revision: number;
}

/** Reads the answer to the question `release`. @throws ProtocolError `bad-message` */
export function released(body: Json): Released {
  const from: Untrusted = objectOf(body, "answer");
  return { ports: portsField(from, "ports"), left: wholeField(from, "left") };
}

/** Reads the answer to the question `set-filter`. @throws ProtocolError `bad-message` */
export function filterSetDone(body: Json): FilterSetDone {
  const from: Untrusted = objectOf(body, "answer");
  return { ports: portsField(from, "ports"), revision: wholeField(from, "revision") };
}
