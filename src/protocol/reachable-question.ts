import { flagField, type Json, objectOf, PORT, type Untrusted, wholeField } from "./message-fields.ts";

/** Asks whether something of the pod listens on a TCP port where others than the pod itself reach it. */
export interface ReachableQuestion {
  readonly kind: "reachable";
  readonly port: number;
}

/** The answer. */
export interface Reachable {
  /** At an address that is not loopback's, in either family. */
  readonly reachable: boolean;
}

/** @throws ProtocolError `bad-message` */
export function reachableQuestion(from: Untrusted): ReachableQuestion {
  return { kind: "reachable", port: wholeField(from, "port", PORT) };
}

/** Reads the answer to the question `reachable`. @throws ProtocolError `bad-message` */
export function reachableAnswer(body: Json): Reachable {
  return { reachable: flagField(objectOf(body, "answer"), "reachable") };
}
