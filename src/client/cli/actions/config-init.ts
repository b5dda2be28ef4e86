import { extname } from "node:path";
import { writeNewFile } from "./write-new-file.ts";
import { createInterface } from "node:readline/promises";
import { endings } from "../../config/document/index.ts";
import { findConfig } from "../../config/index.ts";
import { type ConfigAnswers, configTemplate } from "../../config/config-template.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { textOfLine } from "../../json-lines/index.ts";
import { printable } from "../../text/paint.ts";
import type { ConfigInitFlags } from "../commands/config-init.ts";
import { tellError, tellNote, writeTo } from "./terminal.ts";

const usualFile = ".magpie/magpie.jsonc";

/** Runs `magpie config init`; gives the exit code. Questions go to stderr, and are asked of a terminal alone. */
export async function runConfigInit(flags: ConfigInitFlags): Promise<number> {
  try {
    const file = flags.file ?? usualFile;
    refuseName(file);
    refuseSecond(file);
    const given = answersOf(flags);
    await refuseWrong(given);
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    if (!flags.yes && !isTerminal && given.target === undefined)
      throw new ClientError("usage", "there is no terminal to ask in whose place a program is to run", {
        hint: "Give --target, or --yes to leave it open.",
      });
    const answers = flags.yes || !isTerminal ? given : await ask(given);
    if (answers === undefined) return exitCodes.signalBase + 2;
    writeNewFile(file, configTemplate(extname(file).toLowerCase(), answers));
    if (flags.output === "json") writeTo(process.stdout)(textOfLine({ event: "config-written", file }));
    else tellNote(`written: ${printable(file)}. Check it by: magpie config check`);
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    tellError(error);
    const { code, message, hint } = error;
    if (flags.output === "json")
      writeTo(process.stdout)(textOfLine({ event: "ended", code, message, hint: hint ?? null }));
    return exitCodeOf(code);
  }
}

function answersOf({ target, port, header, mode }: ConfigInitFlags): ConfigAnswers {
  return {
    ...(target === undefined ? {} : { target }),
    ...(port === undefined ? {} : { port }),
    ...(header === undefined ? {} : { header }),
    ...(mode === undefined ? {} : { mode }),
  };
}

function refuseName(file: string): void {
  if (endings.some((ending) => ending === extname(file).toLowerCase())) return;
  throw new ClientError("usage", `${JSON.stringify(file)} says no format`, {
    hint: `A config ends in ${endings.join(", ")}.`,
  });
}

/** Another one beside it would be found in its place, or make it unclear which is meant. */
function refuseSecond(file: string): void {
  const there = findConfig(process.cwd());
  if (
    there === undefined ||
    there.isMirrords === true ||
    there.shown.startsWith("..") ||
    there.shown === file
  )
    return;
  if (!/^(?:\.magpie\/)?magpie\.[a-z]+$/.test(file)) return;
  throw new ClientError("local-data", `there is a config already: ${there.shown}`, {
    hint: "Change that one, or remove it.",
  });
}

/** @throws ClientError `usage` when the schema refuses what a flag says */
async function refuseWrong(answers: ConfigAnswers): Promise<void> {
  for (const key of questionKeys) {
    const answer = answers[key];
    const wrong = answer === undefined ? undefined : await wrongIn(key, answer);
    if (wrong !== undefined)
      throw new ClientError(
        "usage",
        `--${key}: ${wrong.message}`,
        wrong.hint === undefined ? {} : { hint: wrong.hint },
      );
  }
}

const questionKeys = ["target", "port", "header", "mode"] as const;

const questions: Readonly<Record<(typeof questionKeys)[number], string>> = {
  target: "In whose place? (deployment/web, container:shop …; magpie targets lists them)",
  port: "Which port of it, and where is your program? (80:3000; empty: exec finds it)",
  header: "Only requests with a header that matches? (x-user: {{ env.USER }}; empty: all)",
  mode: "What does exec do with them? (steal, mirror or off; empty: steal with a filter, else mirror)",
};

/** Undefined when whoever was asked left. */
async function ask(given: ConfigAnswers): Promise<ConfigAnswers | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  lines.once("close", () => left.abort());
  lines.once("SIGINT", () => left.abort());
  let answers = given;
  try {
    for (const key of questionKeys.filter((one) => given[one] === undefined)) {
      for (;;) {
        const answer = (await lines.question(`${questions[key]}\n> `, { signal: left.signal })).trim();
        if (answer === "") break;
        const wrong = await wrongIn(key, answer);
        if (wrong === undefined) {
          answers = { ...answers, [key]: answer };
          break;
        }
        tellError({ message: wrong.message, hint: wrong.hint });
      }
    }
    return answers;
  } catch (error) {
    if (!left.signal.aborted) throw error;
    process.stderr.write("\n");
    return undefined;
  } finally {
    lines.close();
  }
}

/** What the schema says of an answer, its templates filled in by what they would be if they had a value. */
async function wrongIn(key: (typeof questionKeys)[number], answer: string) {
  const { checkValue } = await import("../../config/schema/index.ts");
  const { readTemplates } = await import("../../config/templates/index.ts");
  const { parts, fault } = readTemplates(answer);
  if (fault !== undefined) return fault;
  const filled = parts.map((part) => ("text" in part ? part.text : "x")).join("");
  const value =
    key === "target"
      ? { target: filled }
      : {
          incoming:
            key === "port"
              ? { ports: [filled] }
              : key === "header"
                ? { filter: { header: filled } }
                : { mode: filled },
        };
  return checkValue(value).faults?.[0];
}
