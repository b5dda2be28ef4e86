import { type Filter, parseFilter } from "../../filters/index.ts";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { type Condition, conditionOf, type Outcome } from "./condition.ts";
import { type CountTest, parseCountTest } from "./count-test.ts";
import { parseStatusTest, type StatusTest } from "./status-test.ts";

const outcomes = ["requests", "stolen", "passed", "mirrored", "failed", "answered-by"] as const;
const grammar =
  "Write [every] requests|stolen|passed|mirrored|failed|answered-by <who> [status <test>] [<count>] [where <filter>].";

/**
 * Reads what is written after `--expect`, as `stolen >=3 where path ^= "/api"` or `every requests status <500`. Without a count
 * one is expected at least.
 * @throws ClientError `usage`; FilterError
 */
export function parseCondition(text: string): Omit<Condition, "text"> {
  const fail = (message: string, hint = grammar): never => {
    throw new ClientError("usage", `--expect ${JSON.stringify(text)}: ${message}`, { hint });
  };
  const where = /(?:^|\s)where\s/.exec(text);
  const filter: Filter | null =
    where === null ? null : parseFilter(text.slice(where.index + where[0].length).trim());
  const words = text
    .slice(0, where?.index ?? text.length)
    // Signs belong to the number behind them.
    .replace(/([<>=]=?)\s+(?=\d)/g, "$1")
    .split(/\s+/)
    .filter((word) => word !== "");
  const isEvery = words[0] === "every";
  if (isEvery) words.shift();
  const outcome = takeOutcome(words, fail);
  let status: StatusTest | null = null;
  if (words[0] === "status") {
    words.shift();
    const written = words.shift() ?? "";
    status = parseStatusTest(written) ?? fail(`${JSON.stringify(written)} is no status`, statusHint);
  }
  const written = words.shift();
  if (words.length > 0) fail(`${JSON.stringify(words.join(" "))} is too much`);
  if (isEvery) {
    if (status === null) fail("`every` needs a status", "Write it like 'every stolen status 2xx'.");
    if (written !== undefined) fail("`every` and a count contradict each other");
    return { outcome, status, count: "every", filter };
  }
  const count: CountTest =
    written === undefined
      ? { kind: "at-least", count: 1 }
      : (parseCountTest(written) ?? fail(`${JSON.stringify(written)} is no count`, countHint));
  return { outcome, status, count, filter };
}

/** Reads a condition on its own. @throws as {@link parseCondition} does */
export function readCondition(text: string): Condition {
  return conditionOf(parseCondition(text));
}

function takeOutcome(words: string[], fail: (message: string, hint?: string) => never): Outcome {
  const word = words[0] ?? "";
  // Of a number or a status alone all requests are meant.
  if (word === "status" || parseCountTest(word) !== undefined) return { kind: "any" };
  words.shift();
  switch (word) {
    case "requests":
      return { kind: "any" };
    case "stolen":
    case "passed":
    case "mirrored":
    case "failed":
      return { kind: word };
    case "answered-by": {
      const who = words.shift();
      return who === undefined ? fail("it is not said by whom") : { kind: word, who };
    }
    case "":
      return fail("it is empty");
    default: {
      const near = closest(word, outcomes);
      return fail(
        `${JSON.stringify(word)} is nothing to expect`,
        near === undefined ? grammar : `Did you mean ${near}?`,
      );
    }
  }
}

export const countHint = "Write 3 (exactly), '>=3', '<=3', '>3', '<3', or 0 (none all the time).";
export const statusHint = "Write 200, 2xx, '<500', '>=400' or 200-299.";
