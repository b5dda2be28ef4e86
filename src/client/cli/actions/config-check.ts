import {
  type ConfigFile,
  type ConfigProblem,
  fieldProblem,
  findConfig,
  namedConfig,
  problemLines,
  problemText,
} from "../../config/index.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { textOfLine } from "../../json-lines/index.ts";
import { paintFor, printable } from "../../text/paint.ts";
import type { ConfigCheckFlags } from "../commands/config-check.ts";
import { untranslatedLine } from "../settings/untranslated.ts";
import { tellError, writeTo } from "./terminal.ts";

/** Runs `magpie config check`; gives the exit code. What it finds is the answer, and goes to stdout. */
export async function runConfigCheck(flags: ConfigCheckFlags): Promise<number> {
  const writeLine = writeTo(process.stdout);
  try {
    const file = fileOf(flags);
    const { problems, notices } = await findingsOf(file);
    if (flags.output === "json") {
      for (const notice of notices) writeLine(untranslatedLine(notice));
      for (const problem of problems) writeLine(problemLine(problem));
      writeLine(textOfLine({ event: "checked", file: file.shown, problems: problems.length }));
    } else {
      const paint = paintFor(process.stdout, process.env);
      for (const notice of notices) writeLine(paint("yellow", printable(problemText(notice))));
      for (const problem of problems) {
        const [first = "", ...others] = problemLines(problem).map(printable);
        writeLine(paint("red", first));
        for (const line of others) writeLine(line);
      }
      const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
      const verdict = problems.length === 0 ? "nothing is wrong" : count;
      writeLine(`${printable(file.shown)}: ${paint(problems.length === 0 ? "green" : "red", verdict)}`);
    }
    return problems.length === 0 ? exitCodes.ok : exitCodes.failure;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    tellError(error);
    const { code, message, hint } = error;
    if (flags.output === "json") writeLine(textOfLine({ event: "ended", code, message, hint: hint ?? null }));
    return exitCodes.failure;
  }
}

function problemLine({ file, place, field, message, hint }: ConfigProblem): string {
  const { line = null, column = null } = place ?? {};
  return textOfLine({ event: "problem", file, line, column, field, message, hint: hint ?? null });
}

/** What is wrong, and what is only to be known. */
interface Findings {
  readonly problems: readonly ConfigProblem[];
  readonly notices: readonly ConfigProblem[];
}

/** @throws ClientError `usage` when there is none, or two */
function fileOf({ file, config }: ConfigCheckFlags): ConfigFile {
  const named = file ?? (typeof config === "string" ? config : process.env["MAGPIE_CONFIG"]);
  if (named !== undefined && named !== "") return namedConfig(named, process.cwd());
  const found = findConfig(process.cwd());
  if (found !== undefined) return found;
  throw new ClientError("usage", "there is no config here, nor up to the root of the repository", {
    hint: "Name a file, or make one: magpie config init",
  });
}

async function findingsOf(file: ConfigFile): Promise<Findings> {
  const { loadConfig } = await import("../../config/load-config.ts");
  const environment = process.env;
  const { loaded, problems } = await loadConfig(file, { environment });
  if (problems !== undefined) return { problems, notices: [] };
  const all: ConfigProblem[] = [];
  for (const profile of [undefined, ...loaded.profiles]) {
    const one = profile === undefined ? { loaded } : await loadConfig(file, { environment, profile });
    if (one.loaded !== undefined) all.push(...(await refusals(one.loaded)));
  }
  const seen = new Set<string>();
  const once = all.filter((problem) => {
    const key = problemLines(problem).join("\n");
    return seen.has(key) ? false : seen.add(key);
  });
  return { problems: once, notices: loaded.notices ?? [] };
}

/** What steal, mirror and exec would refuse of its values. Where a target is that it names is not asked. */
async function refusals(loaded: LoadedConfig): Promise<readonly ConfigProblem[]> {
  const { flagsOfFile } = await import("../settings/flags-of-file.ts");
  const { checkFlags: checkSteal } = await import("../../steal/index.ts");
  const { checkFlags: checkMirror } = await import("../../mirror/index.ts");
  const { checkFlags: checkExec } = await import("../../exec/index.ts");
  const about = {
    file: loaded.file,
    profile: loaded.profile,
    environment: process.env,
    folder: process.cwd(),
  };
  const checks = [
    async () => checkSteal({ ...(await flagsOfFile("steal", about)), program: undefined }),
    async () => checkMirror({ ...(await flagsOfFile("mirror", about)), program: undefined }),
    async () => checkExec({ ...(await flagsOfFile("exec", about)), program: [process.execPath] }),
  ];
  const found: ConfigProblem[] = [];
  for (const check of checks) {
    const { problems = [] } = await check();
    for (const error of problems) {
      const problem = fieldProblem(error);
      if (problem !== undefined)
        found.push(loaded.problemAt(problem.path, { message: problem.message, hint: problem.hint }));
    }
  }
  return found;
}
