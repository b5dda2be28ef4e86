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

/** Which values of a request may be shown, as `ExplainOptions` has it. */
export interface Showing {
  readonly shows: (lowerName: string) => boolean;
  /** Names whose values are masked; the default ones when it is left out. */
  readonly mask?: readonly string[];
}

/** The filters that were asked about a request in their order, up to the one that took it, and how many are left out. */
export function explainDecision(
  { subscriptions }: AskedRoutes,
  head: RequestHead,
  showing: Showing,
): { readonly asked: readonly AskedFilter[]; readonly unexplained: number } {
  const asked: AskedFilter[] = [];
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
    asked.push(askedFilter(subscription, { head, matches, isExplained, showing }));
    if (matches) break;
  }
  return { asked, unexplained };
}

function askedFilter(
  subscription: AskedSubscription,
  about: { head: RequestHead; matches: boolean; isExplained: boolean; showing: Showing },
): AskedFilter {
  const { session, name, text, filter, priority } = subscription;
  const { head, matches, isExplained, showing } = about;
  const { mask } = showing;
  const explanation =
    filter === undefined || !isExplained
      ? undefined
      : explain(filter, head, {
          shows: showing.shows,
          ...(mask === undefined ? {} : { mask }),
        });
  return {
    session,
    name,
    filter: text === undefined ? null : cutText(text, MAX_CLAUSE_LENGTH),
    priority,
    matches,
    because: cutText(sentence(matches, filter !== undefined, explanation), MAX_SENTENCE_LENGTH / 4),
    clauses: explanation === undefined ? null : told(explanation),
  };
}

function sentence(matches: boolean, hasFilter: boolean, explanation: Explanation | undefined): string {
  if (explanation !== undefined) return decidingClause(explanation);
  if (!hasFilter) return "everything on this port is stolen";
  return `its many clauses ${matches ? "match" : "do not match"}`;
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
