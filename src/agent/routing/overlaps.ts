import { everything, formatFilter, mayOverlap } from "../../filters/index.ts";
import { TokenBucket } from "../../http/index.ts";
import { type PortRoutes, specificityOf } from "./port-routes.ts";
import type { Holder, Subscription } from "./subscription.ts";

/** How many others are named to one session; the rest is only counted. */
const MAX_NAMED = 3;
/** Filters may be long; this much of one tells which it is. */
const MAX_FILTER_LENGTH = 200;
/** So long it is looked for others at most; large filters take longer to compare. */
const MAX_LOOK_MS = 100;
/** How often one session may cause the others to be told: who changes its filter all the time is not to be heard. */
const TELLING = { perSecond: 1, burst: 20 };
const tellings = new WeakMap<Holder, TokenBucket>();

/** Another session's subscription that some request may match as well, and which of both is asked first. */
interface Overlap {
  readonly other: Subscription;
  readonly first: Subscription;
  readonly why: string;
}

/**
 * Tells a session, and each other on its port, where their filters meet and who has the requests that both match. Which
 * filters meet is said rather too often than too seldom: patterns are not compared. The others are told once a second in
 * the long run, and of a port with very many filters not all are looked at.
 */
export function tellOverlaps(routes: PortRoutes, mine: Subscription): void {
  const found = overlapsOf(routes, mine);
  for (const overlap of found.slice(0, MAX_NAMED)) tell(mine, sentenceFor(mine, overlap));
  const unnamed = found.length - MAX_NAMED;
  if (unnamed > 0) tell(mine, `port ${mine.port}: your filter may meet those of ${unnamed} others, too`);
  if (found.length === 0 || !mayTellOthers(mine.holder)) return;
  for (const overlap of found) tell(overlap.other, sentenceFor(overlap.other, { ...overlap, other: mine }));
}

function mayTellOthers(holder: Holder): boolean {
  const now = performance.now();
  let bucket = tellings.get(holder);
  if (bucket === undefined) tellings.set(holder, (bucket = new TokenBucket(TELLING, now)));
  return bucket.take(now);
}

function overlapsOf(routes: PortRoutes, mine: Subscription): Overlap[] {
  const { subscriptions } = routes;
  const place = subscriptions.indexOf(mine);
  if (place === -1) return [];
  const tree = mine.filter?.tree ?? everything;
  const untilMs = performance.now() + MAX_LOOK_MS;
  return subscriptions
    .map((other, index) => ({ other, isFirst: index < place }))
    .filter(
      ({ other }) =>
        other.holder.id !== mine.holder.id &&
        performance.now() < untilMs &&
        mayOverlap(tree, other.filter?.tree ?? everything),
    )
    .map(({ other, isFirst }) => {
      const [first, second] = isFirst ? [other, mine] : [mine, other];
      return { other, first, why: whyFirst(first, second) };
    });
}

/** The order of `PortRoutes`, in words. */
function whyFirst(first: Subscription, second: Subscription): string {
  if (first.priority !== second.priority) return "has the higher priority";
  return specificityOf(first) === specificityOf(second) ? "is older" : "is more specific";
}

function sentenceFor(subscription: Subscription, { other, first, why }: Overlap): string {
  const { port, holder, filter } = other;
  const theirs = `${holder.name} (session ${holder.id})`;
  const what = filter === undefined ? "everything" : formatFilter(filter.tree).slice(0, MAX_FILTER_LENGTH);
  const winner = first === subscription ? "you, since yours" : `${holder.name}, since theirs`;
  return `port ${port}: ${theirs} wants ${what}; requests that both may have go to ${winner} ${why}`;
}

function tell({ tell }: Subscription, message: string): void {
  tell({ level: "info", code: "overlap", message });
}
