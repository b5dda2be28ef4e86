import { accessSync, constants, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ClientError } from "../errors.ts";
import { printable } from "../text/paint.ts";
import type { Condition } from "./condition.ts";
import { resultOf } from "./course.ts";
import type { ExpectOutcome } from "./expectation.ts";
import { junitXml } from "./junit.ts";
import { conditionWords, seenWords, whyLines } from "./result-words.ts";

/** Makes sure that a report can be written in the end. @throws ClientError `usage` */
export function checkReportFile(path: string): void {
  const refuse = (why: string): never => {
    throw new ClientError("usage", `--junit ${JSON.stringify(path)}: ${why}`, {
      hint: "Name a file in a directory that exists and may be written to.",
    });
  };
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch {
    refuse(`${dirname(resolve(path))} is no directory that may be written to`);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) refuse("it is a directory");
}

/** Writes what came of it. @throws ClientError `local-data` */
export async function writeReport(
  path: string,
  about: { readonly suite: string; readonly at: Date; readonly outcome: ExpectOutcome },
): Promise<void> {
  const { suite, at, outcome } = about;
  const seconds = outcome.elapsedMs / 1_000;
  const cases = outcome.counted.map((counted) => {
    const result = resultOf(counted.standing);
    const name = counted.condition.text;
    if (result === "held") return { name, seconds, problem: null };
    const message = printable(conditionWords(counted, { isOver: true }));
    const kind = result === "unsure" ? ("error" as const) : ("failure" as const);
    return { name, seconds, problem: { kind, message, text: [message, ...whyLines(counted)].join("\n") } };
  });
  await write(path, junitXml({ suite, at, seconds, cases, output: seenWords(outcome) }));
}

/** The same where nothing could be looked at: every condition has the error. @throws ClientError `local-data` */
export async function writeFailedReport(
  path: string,
  about: {
    readonly suite: string;
    readonly at: Date;
    readonly conditions: readonly Condition[];
    readonly error: ClientError;
  },
): Promise<void> {
  const { suite, at, conditions, error } = about;
  const text = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  const cases = conditions.map((condition) => ({
    ...{ name: condition.text, seconds: 0 },
    problem: { kind: "error" as const, message: printable(error.message), text },
  }));
  await write(path, junitXml({ suite, at, seconds: 0, cases, output: "" }));
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("local-data", `the report cannot be written: ${why}`, { cause });
  }
}
