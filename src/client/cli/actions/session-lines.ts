import { FilterError, formatFilter, readFilter } from "../../../filters/index.ts";
import type { ListedSession, ListedSubscription } from "../../../protocol/index.ts";
import { durationText } from "../../text/duration.ts";
import { type Paint, printable } from "../../text/paint.ts";
import { tableLines } from "../../text/table.ts";

const titles = [
  "SESSION",
  "WHO",
  "PORT",
  "MODE",
  "PRIORITY",
  "REQUESTS",
  "SINCE",
  "ENDS",
  "REVISION",
  "FILTER",
];

/**
 * Who holds what, as a table: a row for each subscription. Priority and end are columns only where somebody has one, a star
 * marks the sessions of this user. Whose connection is lost is said to be away.
 */
export function sessionLines(
  sessions: readonly (ListedSession & { readonly member?: string })[],
  about: {
    readonly mine: ReadonlySet<string>;
    readonly paint: Paint;
    readonly now: number;
    /** What members are called, where there may be several. */
    readonly noun?: string | undefined;
  },
): string[] {
  const { mine, paint, now, noun } = about;
  const rows = sessions.flatMap((session) => {
    const id = `${printable(session.id)}${mine.has(session.id) ? " *" : ""}`;
    const where = noun === undefined ? [] : [printable(session.member ?? "")];
    const who = `${printable(session.name)}${awayText(session, now)}`;
    if (session.subscriptions.length === 0)
      return [[...where, id, who, "none", "", "", "", sinceText(session.since, now), "", "", ""]];
    return session.subscriptions.map((held, index) => [
      ...(index === 0 ? [...where, id, who] : [...where.map(() => ""), "", ""]),
      ...cellsOf(held, now),
    ]);
  });
  const all = noun === undefined ? titles : [noun.toUpperCase(), ...titles];
  const [head = "", ...lines] = tableLines(all, rows);
  const legend = sessions.some(({ id }) => mine.has(id)) ? [paint("dim", "* yours")] : [];
  return [paint("dim", head), ...lines, ...legend];
}

function cellsOf(held: ListedSubscription, now: number): string[] {
  const { port, mode, priority, filter, since, revision } = held;
  return [
    String(port),
    mode,
    priority === 0 ? "" : String(priority),
    requestsText(held),
    sinceText(since, now),
    endText(held, now),
    String(revision),
    printable(filterText(filter)),
  ];
}

function filterText(filter: ListedSubscription["filter"]): string {
  if (filter === null) return "everything";
  try {
    return formatFilter(readFilter(filter));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return "of a form that this version does not know";
  }
}

function requestsText({ requests, copies }: ListedSubscription): string {
  const lost = [
    ...(copies === null || copies.dropped === 0 ? [] : [`${copies.dropped} dropped`]),
    ...(copies === null || copies.failed === 0 ? [] : [`${copies.failed} failed`]),
  ];
  return [String(requests), ...lost].join(", ");
}

function endText({ until, requestsLeft }: ListedSubscription, now: number): string {
  const ends = [
    ...(requestsLeft === null ? [] : [`after ${requestsLeft} more`]),
    ...(until === null ? [] : [`in ${durationText(wholeSeconds(until - now))}`]),
  ];
  return ends.join(" or ");
}

/** Its requests wait for it. */
function awayText({ awaySince }: ListedSession, now: number): string {
  return awaySince === null ? "" : ` (away for ${durationText(wholeSeconds(now - awaySince))})`;
}

function sinceText(at: number, now: number): string {
  return `${new Date(at).toTimeString().slice(0, 8)} (${durationText(wholeSeconds(now - at))})`;
}

/** Nobody reads a table to the millisecond. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1_000)) * 1_000;
}
