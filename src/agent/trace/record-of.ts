import { isSecret, maskTarget } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import { formatEndpoint } from "../../kernel/index.ts";
import {
  cutText,
  type DecisionRecord,
  MAX_FIELDS_TOLD,
  MAX_NAME_LENGTH,
  MAX_SENTENCE_LENGTH,
  MAX_TARGET_LENGTH,
} from "../../protocol/index.ts";
import { type AskedRoutes, reasonOf } from "../routing/index.ts";
import { explainDecision, type ExplainedDecision, type Showing } from "./explain-decision.ts";
import type { HeadStore } from "./head-store.ts";
import { type KeptHead, keptHead } from "./kept-head.ts";
import type { Recording } from "./recording.ts";

/** Whose eyes a decision is told for. */
export interface Reader {
  /** The session that asks and has shown that it may; null is anybody. */
  readonly session: string | null;
  /** The fields that its filters name, in lower case. */
  readonly names: ReadonlySet<string>;
  /** It wants the fields of the requests that it has had. */
  readonly wholeHead: boolean;
  /** Of these requests it wants secrets, too. */
  readonly showSecrets: boolean;
}

/** Somebody who may see what everybody may. */
export const anybody: Reader = { session: null, names: new Set(), wholeHead: false, showSecrets: false };

/** What one decision may take of a message, in bytes of JSON: a record with more is told without its largest parts. */
const MAX_RECORD_BYTES = 160 * 1024;
const TOO_LARGE = "; fields or explanation are too large to be told";

const NONE: ExplainedDecision = { asked: [], sentences: [], unexplained: 0 };

/**
 * What was decided and why, for the eyes of a reader:
 *
 * | what                            | who may see it                                                                    |
 * |---------------------------------|-----------------------------------------------------------------------------------|
 * | method, target, names of fields, verdict, whose it was, times, bytes, results of clauses | everybody                |
 * | values of fields in explanations | the session whose own filters name the field, or that has had the request        |
 * | all fields                      | the session that has had the request, or a copy, when it asks for them            |
 * | secrets among them              | the same, when it asks for secrets                                                |
 */
export function recordOf(
  recording: Recording,
  about: { readonly reader: Reader; readonly heads: HeadStore; readonly epochMs: number },
): DecisionRecord {
  const { reader, heads, epochMs } = about;
  const kept = keptHead(recording, heads);
  const hasHad = hasHadIt(recording, reader);
  const showsSecrets = hasHad && reader.showSecrets;
  const explained = explanationOf(
    recording,
    kept,
    showingTo(reader, { routes: recording.routes, hasHad, showsSecrets }),
  );
  const { seq, requestId, port, protocol, verdict, chosen, startedMs, answeredMs, overMs } = recording;
  return withinBounds({
    type: "decision",
    seq,
    requestId,
    at: Math.round(epochMs + startedMs),
    port,
    peer: formatEndpoint(recording.peer),
    protocol,
    method: kept?.head.method.slice(0, MAX_NAME_LENGTH) ?? "",
    target: targetOf(kept?.head, showsSecrets),
    verdict,
    reason: wholeReason(recording, kept, explained),
    explanation: kept?.isWhole === false ? null : explained.asked,
    unexplained: explained.unexplained,
    headerNames: kept === undefined ? [] : namesOf(kept.head),
    head: hasHad && reader.wholeHead && kept !== undefined ? fieldsOf(kept.head, showsSecrets) : null,
    status: recording.status === 0 ? null : recording.status,
    firstByteMs: answeredMs === 0 ? null : millis(answeredMs - startedMs),
    durationMs: recording.isOver ? millis(overMs - startedMs) : null,
    bytesIn: recording.bytesIn,
    bytesOut: recording.bytesOut,
    revision: recording.routes?.revision ?? 0,
    session: chosen?.session ?? null,
    sessionName: chosen?.name ?? null,
    // Another session's number would name a subscription of the reader's.
    subscription: chosen !== undefined && chosen.session === reader.session ? chosen.id : null,
    failure: recording.failure?.slice(0, MAX_SENTENCE_LENGTH) ?? null,
    isProbe: recording.isProbe,
    mirrors: recording.mirrors.map(({ session, name, outcome }) => ({ session, name, outcome })),
  });
}

/** The fields go first, then what explains; the reason says so. */
function withinBounds(record: DecisionRecord): DecisionRecord {
  if (bytesOf(record) <= MAX_RECORD_BYTES) return record;
  const reason = cutText(record.reason, MAX_SENTENCE_LENGTH - TOO_LARGE.length) + TOO_LARGE;
  const short = { ...record, reason, head: null };
  if (bytesOf(short) <= MAX_RECORD_BYTES) return short;
  return { ...short, headerNames: [], explanation: null };
}

function bytesOf(record: DecisionRecord): number {
  return Buffer.byteLength(JSON.stringify(record));
}

/** The target as everybody may see it, whole. */
export function shownTarget(recording: Recording, heads: HeadStore): string {
  return targetOf(keptHead(recording, heads)?.head, false);
}

function hasHadIt({ chosen, mirrors }: Recording, { session }: Reader): boolean {
  if (session === null) return false;
  return (
    chosen?.session === session || mirrors.some((copy) => copy.session === session && copy.isBegun === true)
  );
}

function showingTo(
  { session, names }: Reader,
  about: { routes: AskedRoutes | undefined; hasHad: boolean; showsSecrets: boolean },
): Showing {
  const { routes, hasHad, showsSecrets } = about;
  // What its filters named when the request was decided, it may see, too.
  const own = routes?.subscriptions.filter((asked) => asked.session === session) ?? [];
  return {
    shows: (name) => hasHad || names.has(name) || own.some((asked) => asked.names.has(name)),
    ...(showsSecrets ? { mask: [] } : {}),
  };
}

function explanationOf(
  recording: Recording,
  kept: KeptHead | undefined,
  showing: Showing,
): ExplainedDecision {
  const { routes } = recording;
  if (routes === undefined || kept?.isWhole !== true) return NONE;
  return explainDecision(routes, kept.head, showing);
}

function wholeReason(
  { reason, instead, notes, isProbe, chosen }: Recording,
  kept: KeptHead | undefined,
  { asked, sentences, unexplained }: ExplainedDecision,
): string {
  const isTaken = asked.at(-1)?.matches === true;
  let text = reason ?? reasonOf({ sentences, isTaken, unexplained });
  if (kept?.isWhole === false) {
    const who = chosen === undefined ? "no filter matched" : `session ${chosen.session}, ${chosen.name}`;
    text = `${who}; its head was too large to be kept for an explanation`;
  } else if (isProbe && reason === undefined) text = "it is a health probe of the platform";
  if (instead !== undefined && isTaken) text += `, but ${instead}`;
  if (notes !== undefined) text += `; ${notes}`;
  return text.slice(0, MAX_SENTENCE_LENGTH);
}

function targetOf(head: RequestHead | undefined, showsSecrets: boolean): string {
  if (head === undefined) return "";
  const { target } = head;
  return (showsSecrets ? target : maskTarget(target)).slice(0, MAX_TARGET_LENGTH);
}

function namesOf({ fields }: RequestHead): string[] {
  const count = Math.min(fields.count, MAX_FIELDS_TOLD);
  return Array.from({ length: count }, (_, index) => fields.name(index).slice(0, MAX_NAME_LENGTH));
}

function fieldsOf({ fields }: RequestHead, showsSecrets: boolean): [string, string][] {
  return fields
    .pairs()
    .slice(0, MAX_FIELDS_TOLD)
    .map(([name, value]) => [name, showsSecrets || !isSecret(name) ? value : "(masked)"]);
}

function millis(ms: number): number {
  return Math.round(Math.max(ms, 0) * 1_000) / 1_000;
}
