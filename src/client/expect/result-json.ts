import type { JsonLine } from "../json-lines/index.ts";
import { resultOf } from "./course.ts";
import type { ExpectOutcome, Progress } from "./expectation.ts";
import { conditionWords } from "./result-words.ts";
import type { Counted, Shown } from "./tally.ts";

/** The line of `--output json` on how it stands. */
export function countedEvent({ counted, seen, missing, elapsedMs }: Progress): JsonLine {
  const conditions = counted.map((one) => ({ condition: one.condition.text, ...numbersOf(one) }));
  return { event: "counted", conditions, seen, missing, elapsedMs: Math.round(elapsedMs) };
}

/** The last line of `--output json`. */
export function expectedEvent(outcome: ExpectOutcome, exitCode: number): JsonLine {
  const { counted, seen, missing, elapsedMs, result, why } = outcome;
  const conditions = counted.map((one) => ({
    condition: one.condition.text,
    result: resultOf(one.standing),
    ...numbersOf(one),
    because: conditionWords(one, { isOver: true }),
    latest: one.latest.map(shownOf),
    nearMisses: one.nearMisses.map(shownOf),
  }));
  return {
    event: "expected",
    ...{ result, why, conditions, seen, missing, elapsedMs: Math.round(elapsedMs), exitCode },
  };
}

/** Null stands for more than anybody knows. */
function numbersOf({ standing, fitting, wrong, condition }: Counted) {
  const most = (max: number) => (Number.isFinite(max) ? max : null);
  const ofEvery = condition.count === "every" ? { wrong: wrong.min, wrongAtMost: most(wrong.max) } : {};
  return { standing, count: fitting.min, countAtMost: most(fitting.max), ...ofEvery };
}

function shownOf({ decision, because }: Shown) {
  const { requestId, at, port, method, target, verdict, status, session, sessionName, failure, member } =
    decision;
  return {
    ...{ requestId, at, port, method, target, verdict, status, session, sessionName, failure },
    ...(member === undefined ? {} : { member }),
    because,
  };
}
