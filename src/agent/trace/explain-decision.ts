import { decidingClause, explain, type Explanation } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import {
  type AskedFilter,
  cutText,
  type ExplainedClause,
  MAX_SENTENCE_LENGTH,
} from "../../protocol/index.ts";
import type { AskedRoutes, AskedSubscription } from "../routing/index.ts";

/** Filters of one decision that are explained; of the others it is only counted that they do not match. */
const MAX_FILTERS = 16;
/** Clauses of one decision that are explained: each costs up to a few microseconds, and room in the message. */
const MAX_CLAUSES = 128;
/** A clause as it is told. Together with the two limits above an explanation stays below 100 KB. */
const MAX_CLAUSE_LENGTH = 300;
/** What one filter says, so that several fit into a reason. */
const MAX_REASON_LENGTH = MAX_SENTENCE_LENGTH / 4;

/** Which values of a request may be shown, as `ExplainOptions` has it. */
export interface Showing {
  readonly shows: (lowerName: string) => boolean;
  /** Names whose values are masked; the default ones when it is left out. */
  readonly mask?: readonly string[];
}

/** The filters that were asked about a request in their order, up to the one that took it, and how many are left out. */
export interface ExplainedDecision {
  readonly asked: readonly AskedFilter[];
  /** What each of them says, and whose it is. */
  readonly sentences: readonly string[];
  readonly unexplained: number;
}

/** Asks the filters of a decision once more, clause by clause. */
export function explainDecision(
  { subscriptions }: AskedRoutes,
  head: RequestHead,
  showing: Showing,
): ExplainedDecision {
  const asked: AskedFilter[] = [];
  const sentences: string[] = [];
  let unexplained = 0;
  let clausesLeft = MAX_CLAUSES;
  for (const subscription of subscriptions) {
    const matches = subscription.compiled?.matches(head) ?? true;
    if (!matches && asked.length >= MAX_FILTERS) {
      unexplained++;
      continue;
    }
    const clauses = countClauses(subscription);
    const isExplained = clauses <= clausesLeft;
    if (isExplained) clausesLeft -= clauses;
    const explanation = isExplained ? explanationOf(subscription, head, showing) : undefined;
    asked.push(askedFilter(subscription, { matches, explanation }));
    sentences.push(cutText(sentenceWithOwner(subscription, { matches, explanation }), MAX_REASON_LENGTH));
    if (matches) break;
  }
  return { asked, sentences, unexplained };
}

function explanationOf(
  { filter }: AskedSubscription,
  head: RequestHead,
  { shows, mask }: Showing,
): Explanation | undefined {
  if (filter === undefined) return undefined;
  return explain(filter, head, { shows, ...(mask === undefined ? {} : { mask }) });
}

/** What one filter answered; nothing is explained of one that takes everything, or has too many clauses. */
interface FilterAnswer {
  readonly matches: boolean;
  readonly explanation: Explanation | undefined;
}

function askedFilter(subscription: AskedSubscription, answer: FilterAnswer): AskedFilter {
  const { session, name, text, priority, revision } = subscription;
  const { matches, explanation } = answer;
  return {
    session,
    name,
    filter: text === undefined ? null : cutText(text, MAX_CLAUSE_LENGTH),
    priority,
    revision,
    matches,
    because: cutText(sentence(subscription, answer), MAX_REASON_LENGTH),
    clauses: explanation === undefined ? null : told(explanation),
  };
}

function sentence(
  { filter }: AskedSubscription,
  { matches, explanation }: FilterAnswer,
  wants?: string,
): string {
  if (explanation !== undefined) return decidingClause(explanation, wants);
  if (filter === undefined) return "everything on this port is stolen";
  return `its many clauses ${matches ? "match" : "do not match"}`;
}

/** The same, and whose filter it is: where something was wanted it says who wants it. */
function sentenceWithOwner(subscription: AskedSubscription, answer: FilterAnswer): string {
  const { session, name, revision } = subscription;
  const bare = sentence(subscription, answer);
  const owned = sentence(
    subscription,
    answer,
    `the filter of session ${session} (${name}, revision ${revision}) wants`,
  );
  return owned === bare ? `${bare} (session ${session}, ${name}, revision ${revision})` : owned;
}

function told({ result, kind, clause, because, parts }: Explanation): ExplainedClause {
  return {
    result,
    kind,
    clause: cutText(clause, MAX_CLAUSE_LENGTH),
    because: cutText(because, MAX_CLAUSE_LENGTH),
    parts: parts.map(told),
  };
}

/** Filters never change, and large ones need not be walked through for every decision. */
const counts = new WeakMap<NonNullable<AskedSubscription["filter"]>, number>();

function countClauses({ filter }: AskedSubscription): number {
  if (filter === undefined) return 0;
  let count = counts.get(filter);
  if (count === undefined) counts.set(filter, (count = clausesOf(filter)));
  return count;
}

function clausesOf(filter: NonNullable<AskedSubscription["filter"]>): number {
  if ("all" in filter) return 1 + filter.all.reduce((sum, part) => sum + clausesOf(part), 0);
  if ("any" in filter) return 1 + filter.any.reduce((sum, part) => sum + clausesOf(part), 0);
  return "not" in filter ? 1 + clausesOf(filter.not) : 1;
}
