import type { IncomingHttpHeaders } from "node:http";
import type { NotingCarrier } from "./carrier.ts";

/** What a client says that comes back to its session; sent once, in the head of an upgrade. */
export interface ResumeClaim {
  readonly sessionId: string;
  /** The secret that the client was told in its welcome. Never to be logged. */
  readonly key: string;
  /** What it has received so far. */
  readonly receivedBytes: number;
}

/** Why nobody is let back: there is no such session any more, the key is another's, or the counts do not fit. */
export type ResumeRefusal = "unknown" | "wrong-key" | "impossible";

/** The session goes on upon the carrier that `attach` is given, or why not. */
export type ResumeAnswer =
  | ResumeRefusal
  | {
      /** What was received of the client so far. */
      readonly receivedBytes: number;
      readonly attach: (carrier: NotingCarrier) => void;
    };

/** How a refusal is said in HTTP. 404 is for other paths, 401 for tickets. */
export const resumeStatus: Readonly<Record<ResumeRefusal, string>> = {
  unknown: "410 Gone",
  "wrong-key": "403 Forbidden",
  impossible: "409 Conflict",
};

const SESSION_FIELD = "magpie-session";
const KEY_FIELD = "magpie-session-key";
/** In the request and in the answer alike. */
export const RECEIVED_FIELD = "magpie-received";

/** The header fields of a claim; its texts must be fit for one: visible ASCII. */
export function fieldsOfClaim({ sessionId, key, receivedBytes }: ResumeClaim): Record<string, string> {
  return { [SESSION_FIELD]: sessionId, [KEY_FIELD]: key, [RECEIVED_FIELD]: String(receivedBytes) };
}

/** The claim in a head; undefined when somebody wants a new session. */
export function claimIn(head: IncomingHttpHeaders): ResumeClaim | "malformed" | undefined {
  const sessionId = head[SESSION_FIELD];
  if (sessionId === undefined) return undefined;
  const key = head[KEY_FIELD];
  const receivedBytes = readReceived(head);
  if (typeof sessionId !== "string" || typeof key !== "string" || receivedBytes === undefined)
    return "malformed";
  return { sessionId, key, receivedBytes };
}

/** How many bytes the other end has received; undefined when it does not say so. */
export function readReceived(head: IncomingHttpHeaders): number | undefined {
  const text = head[RECEIVED_FIELD];
  if (typeof text !== "string" || !/^\d{1,16}$/.test(text)) return undefined;
  const bytes = Number(text);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** What a status says about a claim; undefined when it says nothing about one. */
export function refusedResume(status: number): string | undefined {
  if (status === 410) return "the agent has ended the session";
  if (status === 403) return "the session has another key";
  if (status === 409) return "the session cannot go on from here: its bytes were counted in another way";
  return undefined;
}
