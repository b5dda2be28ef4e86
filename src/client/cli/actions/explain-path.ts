import { textOfLine } from "../../json-lines/index.ts";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { textOf, toByteText } from "../../context/index.ts";
import { ClientError } from "../../errors.ts";
import { explainPath, FileRules, normalPath, rulesOfFileFlags } from "../../files/index.ts";
import { findProgram } from "../../subscription-flags/index.ts";
import type { ExplainPathFlags } from "../commands/explain-path.ts";
import { explaining } from "./explaining.ts";

/** Runs `magpie explain path`; gives the exit code. Nobody is asked: rules decide by the path alone. */
export function runExplainPath(flags: ExplainPathFlags): Promise<number> {
  return explaining(flags, (writeLine) => {
    const rules = rulesOf(flags);
    for (const path of flags.paths) writeLine(answer(path, { rules, flags }));
  });
}

function rulesOf({ file = [], fs, program }: ExplainPathFlags): FileRules {
  const source = {
    workingDirectory: process.cwd(),
    home: homedir(),
    environment: process.env,
    program: program === undefined ? undefined : findProgram([program], process.env).path,
  };
  return new FileRules(rulesOfFileFlags({ file, fs }, source));
}

function answer(written: string, { rules, flags }: { rules: FileRules; flags: ExplainPathFlags }): string {
  if (written === "") throw new ClientError("usage", "an empty path leads nowhere");
  const path = normalPath(toByteText(resolve(written)));
  const explanation = explainPath(path, rules);
  if (flags.output === "text") return explanation;
  const { mode, rule } = rules.decide(path);
  const overruled = rules.fitting(path).slice(1);
  return textOfLine({
    ...{ event: "path" as const, path: textOf(path) ?? null, mode },
    ...{ rule: rule?.written ?? null, origin: rule?.origin ?? null },
    ...{ overruled: overruled.map(({ written }) => written), explanation },
  });
}
