import { type DecisionsQuestion, type Json, ProtocolError, toldDecisions } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import type { RequestStore } from "../record/request-store.ts";
import { type DecisionReader, joinDecision } from "./decision-joiner.ts";

/** Asks an agent; a session of ours does, or one that only looks on. */
export type AskDecisions = (
  question: DecisionsQuestion,
  options: { signal: AbortSignal },
) => AsyncIterable<Json>;

/**
 * Has an agent tell what it decides, until `signal` aborts or the session is over. `isWanted` says of which ports.
 * @throws ClientError what ended it, when that was not asked for
 */
export async function followDecisions(about: {
  readonly ask: AskDecisions;
  readonly store: RequestStore;
  readonly reader: DecisionReader;
  readonly as: DecisionsQuestion["as"];
  /** Those that were made before, at most so many. */
  readonly last: number;
  readonly isWanted: (inPod: number) => boolean;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ask, store, reader, as, last, isWanted, signal } = about;
  const question = { ...oneOrAll(as), requestId: null, last, follow: true };
  try {
    for await (const answer of ask(question, { signal })) {
      const { decisions, untold } = toldDecisions(answer);
      store.missed += untold;
      for (const record of decisions) if (isWanted(record.port)) joinDecision(store, record, reader);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
}

/** Asks for one decision that has not been told; gives whether it is remembered. */
export async function askDecision(about: {
  readonly ask: AskDecisions;
  readonly store: RequestStore;
  readonly reader: DecisionReader;
  readonly as: DecisionsQuestion["as"];
  readonly requestId: string;
  readonly signal: AbortSignal;
}): Promise<boolean> {
  const { ask, store, reader, as, requestId, signal } = about;
  try {
    for await (const answer of ask({ ...oneOrAll(as), requestId, last: 1, follow: false }, { signal }))
      for (const record of toldDecisions(answer).decisions) {
        joinDecision(store, record, reader);
        return true;
      }
  } catch (error) {
    // Nobody is there to ask, or it takes too long: the rest of the detail is shown without it.
    if (!(error instanceof ClientError || error instanceof ProtocolError || signal.aborted)) throw error;
  }
  return false;
}

function oneOrAll(as: DecisionsQuestion["as"]) {
  return { kind: "decisions", as, path: null, port: null, wholeHead: false, showSecrets: false } as const;
}
