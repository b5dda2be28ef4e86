import { type Paint, printable } from "../text/paint.ts";
import type { Condition } from "./condition.ts";
import { type Bounds, countWords } from "./count-test.ts";
import { type Result, resultOf } from "./course.ts";
import type { ExpectOutcome, Progress } from "./expectation.ts";
import type { Counted, Shown } from "./tally.ts";

/** What came of one condition, in a sentence without a full stop. */
export function conditionWords(counted: Counted, { isOver }: { isOver: boolean }): string {
  const { condition, fitting, wrong } = counted;
  const unknown = boundsNote(counted);
  if (condition.count === "every") {
    const status = condition.status?.text ?? "";
    const all = fitting.min + wrong.min;
    const what = `${fitting.min} of ${all} ${outcomeWords(condition, all)} had status ${status}`;
    return all === 0 && isOver ? `no ${outcomeWords(condition, 1)} came${unknown}` : `${what}${unknown}`;
  }
  const count = `${fitting.min} ${outcomeWords(condition, fitting.min)}`;
  return `${count}, wanted ${countWords(condition.count)}${unknown}`;
}

function boundsNote({ fitting, wrong, condition, standing }: Counted): string {
  if (standing !== "unsure") return "";
  const { min, max }: Bounds = condition.count === "every" && wrong.max > wrong.min ? wrong : fitting;
  if (max === min) return "";
  return Number.isFinite(max) ? `; ${max - min} more may be` : "; nobody knows how many more";
}

function outcomeWords({ outcome }: Condition, count: number): string {
  const noun = count === 1 ? "request" : "requests";
  switch (outcome.kind) {
    case "any":
      return noun;
    case "answered-by":
      return `${noun} answered by ${outcome.who}`;
    case "failed":
      return `failed ${noun}`;
    default:
      return `${outcome.kind} ${noun}`;
  }
}

/** All that came, in a few words. */
export function seenWords({ seen, missing }: Progress): string {
  const { total, stolen, passed, mirrored, failed } = seen;
  const parts = [
    `${stolen} stolen`,
    `${passed} passed`,
    ...(mirrored > 0 ? [`${mirrored} mirrored`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const came = `${total} ${total === 1 ? "request" : "requests"} came`;
  return `${came}${total === 0 ? "" : `: ${parts.join(", ")}`}${missingWords(missing)}`;
}

function missingWords(missing: number | null): string {
  if (missing === null) return "; what else came is not known: an agent was lost or could not be asked";
  if (missing === 0) return "";
  return `; ${missing} more ${missing === 1 ? "was" : "were"} not told, or forgotten: the agent was busy`;
}

/** What came of it and why, for people. */
export function outcomeLines(outcome: ExpectOutcome, paint: Paint): string[] {
  return [
    ...outcome.counted.flatMap((counted) => conditionLines(counted, paint)),
    paint("dim", seenWords(outcome)),
    `${resultText(outcome.result, paint)} after ${(outcome.elapsedMs / 1_000).toFixed(1)} s${whyText(outcome)}`,
  ];
}

function whyText({ why, result }: ExpectOutcome): string {
  if (why === "session-ended") return ": the session has ended";
  if (why === "time-is-over" && result !== "held") return ": the time is over";
  return why === "broken" ? ": it cannot hold any more" : "";
}

function conditionLines(counted: Counted, paint: Paint): string[] {
  const result = resultOf(counted.standing);
  const mark =
    result === "held" ? paint("green", "✓") : result === "unsure" ? paint("yellow", "?") : paint("red", "✗");
  const head = `${mark} ${paint("bold", printable(counted.condition.text))}: ${printable(conditionWords(counted, { isOver: true }))}`;
  return result === "held" ? [head] : [head, ...whyLines(counted).map((line) => `  ${line}`)];
}

/** Requests that show why a condition did not hold, as plain text without what could move a cursor. */
export function whyLines({ standing, latest, nearMisses }: Counted): string[] {
  if (standing === "broken")
    return ["the latest of them:", ...latest.flatMap((one) => shownLines(one, false))];
  if (nearMisses.length === 0) return [];
  return ["the latest that came and did not count:", ...nearMisses.flatMap((one) => shownLines(one, true))];
}

function shownLines({ decision, because }: Shown, withReasons: boolean): string[] {
  const { at, requestId, method, target, verdict, status, sessionName, session, failure, port, member } =
    decision;
  const isStolen = verdict === "stolen" || verdict === "stolen-raw";
  const who = isStolen ? (sessionName ?? session ?? "?") : "app";
  const line = [
    new Date(at).toISOString().slice(11, 23),
    `#${member === undefined ? "" : `${member}/`}${requestId}`,
    `${method} ${target}`.trim() || `connection to port ${port}`,
    "→",
    ...[who, ...(status === null ? [] : [String(status)])],
  ].join(" ");
  const reasons = withReasons ? because : failure === null ? [] : [failure];
  return [`  ${printable(line)}`, ...reasons.map((reason) => `    ${printable(reason)}`)];
}

function resultText(result: Result, paint: Paint): string {
  if (result === "held") return paint(["bold", "green"], "held");
  return result === "unsure" ? paint(["bold", "yellow"], "unsure") : paint(["bold", "red"], "not held");
}
