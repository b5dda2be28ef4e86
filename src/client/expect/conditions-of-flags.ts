import { allOf, type Filter, FilterError } from "../../filters/index.ts";
import { MAX_DRAFTS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { type FilterFlags, filterOfFlags } from "../subscription-flags/index.ts";
import { type Condition, conditionOf, type Outcome } from "./condition.ts";
import { type CountTest, parseCountTest } from "./count-test.ts";
import { countHint, parseCondition, statusHint } from "./parse-condition.ts";
import { parseStatusTest } from "./status-test.ts";

/** What is expected, as flags say it. */
export interface ConditionFlags extends FilterFlags {
  readonly stolen?: string;
  readonly passed?: string;
  readonly mirrored?: string;
  readonly failed?: string;
  readonly answeredBy: readonly string[];
  readonly status: readonly string[];
  readonly expect: readonly string[];
}

const atLeastOne: CountTest = { kind: "at-least", count: 1 };

/** All conditions of a command line; each is about the requests that its filter flags take. Problems are added to `problems`. */
export function conditionsOfFlags(flags: ConditionFlags, problems: ClientError[]): Condition[] {
  const shared = filterOfFlags(flags, problems);
  const conditions: Condition[] = [];
  const add = (read: () => Omit<Condition, "text" | "filter"> & { filter?: Filter | null }): void => {
    try {
      const { filter: own = null, ...parts } = read();
      const filter = own === null ? shared : shared === null ? own : allOf([shared, own]);
      conditions.push(conditionOf({ ...parts, filter }));
    } catch (error) {
      if (error instanceof ClientError) problems.push(error);
      else if (error instanceof FilterError)
        problems.push(new ClientError("usage", `--expect: ${error.render()}`, { cause: error }));
      else throw error;
    }
  };
  for (const kind of ["stolen", "passed", "mirrored", "failed"] as const) {
    const written = flags[kind];
    if (written === undefined) continue;
    add(() => ({ outcome: { kind }, status: null, count: countOf(`--${kind}`, written) }));
  }
  for (const written of flags.answeredBy) add(() => answeredBy(written));
  for (const written of flags.status) add(() => statusOf(written));
  for (const written of flags.expect) add(() => parseCondition(written));
  if (conditions.length === 0 && problems.length === 0)
    problems.push(
      new ClientError("usage", "nothing is expected", {
        hint: "Add --stolen '>=1', --passed 0, --failed 0, --status '<500', or --expect 'stolen >=3 where path ^= \"/api\"'.",
      }),
    );
  if (conditions.length > MAX_DRAFTS)
    problems.push(
      new ClientError("usage", `${conditions.length} conditions are too many: ${MAX_DRAFTS} at most`),
    );
  return conditions;
}

/** `alice`, or with a count behind it: `alice >=3`, `app 0`. */
function answeredBy(written: string): Omit<Condition, "text" | "filter"> {
  const counted = /^(?<who>.*?)\s*(?<count>(?:[<>]=?|==?)\s*\d+|\s\d+)\s*$/s.exec(written)?.groups;
  const who = (counted?.["who"] ?? written).trim();
  if (who === "") throw new ClientError("usage", "--answered-by: it is not said by whom", { hint: whoHint });
  const outcome: Outcome = { kind: "answered-by", who };
  const count = counted?.["count"];
  return { outcome, status: null, count: count === undefined ? atLeastOne : countOf("--answered-by", count) };
}

/** `2xx`, which each of them must have; with a count behind it, how many may have it: `5xx 0`. */
function statusOf(written: string): Omit<Condition, "text" | "filter"> {
  const [test = "", count, ...rest] = written
    .trim()
    .replace(/([<>=]=?)\s+(?=\d)/g, "$1")
    .split(/\s+/);
  const status = parseStatusTest(test);
  if (status === null || status === undefined || rest.length > 0)
    throw new ClientError("usage", `--status ${JSON.stringify(written)} is no status`, { hint: statusHint });
  return {
    outcome: { kind: "any" },
    status,
    count: count === undefined ? "every" : countOf("--status", count),
  };
}

function countOf(flag: string, written: string): CountTest {
  const count = parseCountTest(written);
  if (count !== undefined) return count;
  throw new ClientError("usage", `${flag} ${JSON.stringify(written)} is no count`, { hint: countHint });
}

const whoHint =
  "Write the name or number of a session, or app, and a count if it is not one at least: 'alice >=3'.";
