import type { FilterOverlap, NearMiss, TriedFilter, TriedRequest } from "../../../protocol/index.ts";
import { type Paint, printable } from "../../text/paint.ts";
import { clockTime } from "./decision-lines.ts";

/** What a filter would have matched, for people. */
export function trialLines(tried: TriedFilter, paint: Paint): string[] {
  const { considered, matched, unread, isCut, examples, nearMissCount, nearMisses, overlaps, refusals } =
    tried;
  const of = `of the latest ${considered} ${considered === 1 ? "request" : "requests"}`;
  return [
    `it would have matched ${paint("bold", String(matched))} ${of}`,
    ...(isCut ? [paint("yellow", "older ones were left out: it takes too long")] : []),
    ...(unread > 0 ? [paint("dim", `${unread} more could not be read: their heads were too large`)] : []),
    ...examples.map((request) => `  ${requestText(request, paint)}`),
    ...(nearMissCount > 0 ? [nearMissTitle(nearMissCount)] : []),
    ...nearMisses.flatMap((miss) => nearMissLines(miss, paint)),
    ...overlaps.map(overlapText),
    ...refusals.map(({ message }) => paint("yellow", `it would be refused: ${printable(message)}`)),
  ];
}

function nearMissTitle(count: number): string {
  return `${count} near ${count === 1 ? "miss" : "misses"}, for the sake of one condition:`;
}

function nearMissLines(miss: NearMiss, paint: Paint): string[] {
  const why = `${paint("red", "✗")} ${printable(miss.clause)}  ${paint("dim", printable(miss.because))}`;
  return [`  ${requestText(miss, paint)}`, `    ${why}`];
}

function requestText({ at, requestId, method, target, session }: TriedRequest, paint: Paint): string {
  const who = session === null ? "original" : printable(`session ${session}`);
  const time = paint("dim", clockTime(at));
  return `${time} ${paint("cyan", `#${printable(requestId)}`)} ${printable(`${method} ${target}`)} → ${who}`;
}

function overlapText({ session, name, port, filter, both, isDraftFirst }: FilterOverlap): string {
  const whose = printable(`session ${session} (${name})`);
  const what = filter === null ? "takes everything" : `wants ${printable(filter)}`;
  const first = isDraftFirst ? "this filter would be asked first" : "that session would be asked first";
  return `${both} of them fit ${whose} on port ${port} too, which ${what}: ${first}`;
}
