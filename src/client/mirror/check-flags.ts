import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { FilterError } from "../../filters/index.ts";
import { type IgnoreRule, parseIgnoreRule } from "../compare/index.ts";
import { ClientError } from "../errors.ts";
import {
  type Check,
  type CheckedFlags,
  checkSubscriptionFlags,
  type SubscriptionFlags,
} from "../subscription-flags/index.ts";
import { parseDuration } from "../text/duration.ts";
import type { ComparePlan, MirrorPlan } from "./mirror-plan.ts";
import { parseRate, parseSample } from "./rates.ts";

/** The flags of `magpie mirror` as they were written. */
export interface MirrorFlags extends SubscriptionFlags {
  readonly sample: string;
  readonly maxRate?: string;
  readonly copyTimeout: string;
  readonly compare: boolean;
  readonly ignore: readonly string[];
  readonly report?: string;
  readonly maxDifferences?: string;
  readonly learn: boolean;
}

/** More rules than anybody writes; each costs time at every field of every answer. */
const maxRules = 256;
const defaultMaxDifferences = 20;

/** Checks all flags against each other and this machine. Reads only; nothing is started or changed. */
export function checkFlags(
  flags: MirrorFlags,
  environment: NodeJS.ProcessEnv = process.env,
): CheckedFlags<MirrorPlan> {
  return checkSubscriptionFlags(flags, {
    verb: "mirror",
    environment,
    own: ({ check }) => ({
      sample: check(() => parseSample(flags.sample)) ?? 1,
      maxPerSecond:
        flags.maxRate === undefined ? null : (check(() => parseRate(flags.maxRate ?? "")) ?? null),
      answerTimeoutMs: check(() => timeoutOf(flags.copyTimeout)) ?? 0,
      compare: compareOf(flags, check),
    }),
  });
}

function compareOf(flags: MirrorFlags, check: Check): ComparePlan | undefined {
  if (!flags.compare) {
    check(() => refuseWithoutCompare(flags));
    return undefined;
  }
  if (flags.ignore.length > maxRules)
    check(() => {
      throw new ClientError("usage", `--ignore is given ${flags.ignore.length} times`, {
        hint: `At most ${maxRules} rules are looked at; header:x-* or /items/** stand for many places.`,
      });
    });
  return {
    ignore: flags.ignore.map((text) => check(() => ruleOf(text))).filter((rule) => rule !== undefined),
    learns: flags.learn,
    maxDifferences: check(() => countOf(flags.maxDifferences)) ?? defaultMaxDifferences,
    report: flags.report === undefined ? undefined : check(() => writableFile(flags.report ?? "")),
  };
}

/** What a timer of Node can count, 24 days. */
const maxTimeoutMs = 2 ** 31 - 1;

function timeoutOf(text: string): number {
  const timeoutMs = parseDuration(text) ?? 0;
  if (timeoutMs > 0 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  throw new ClientError("usage", `--copy-timeout ${JSON.stringify(text)} is no time`, {
    hint: "Write a number and its unit, like 5s, 500ms or 2m.",
  });
}

function refuseWithoutCompare(flags: MirrorFlags): void {
  const given = [
    ...(flags.ignore.length > 0 ? ["--ignore"] : []),
    ...(flags.report === undefined ? [] : ["--report"]),
    ...(flags.maxDifferences === undefined ? [] : ["--max-differences"]),
    ...(flags.learn ? [] : ["--no-learn"]),
  ];
  const [first] = given;
  if (first === undefined) return;
  throw new ClientError("usage", `${given.join(" and ")} without --compare: answers are not compared`, {
    hint: "Add --compare.",
  });
}

function ruleOf(text: string): IgnoreRule {
  try {
    return parseIgnoreRule(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new ClientError("usage", `--ignore: ${error.render()}`, { cause: error });
  }
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ClientError("usage", `--max-differences ${JSON.stringify(text)} is no number`, {
    hint: "Write how many exchanges that differ are told one by one; all of them are counted.",
  });
}

/** A report that cannot be written should be known before the first request, not after the last. */
function writableFile(path: string): string {
  const hint = "Name a file in a directory that is there and may be written to.";
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Error("it is a directory");
    accessSync(dirname(path), constants.W_OK);
    return path;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("usage", `--report ${JSON.stringify(path)} cannot be written: ${reason}`, {
      hint,
      cause,
    });
  }
}
