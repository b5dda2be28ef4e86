import type { Command } from "commander";
import { exitCodes } from "../../exit-codes.ts";
import { complete } from "../completion/complete.ts";
import { dynamicValues } from "../completion/dynamic-values.ts";
import { type Shell, shellScripts } from "../completion/shell-scripts.ts";
import { writeTo } from "./terminal.ts";

/** Runs `magpie completion`: prints what the shell evaluates. */
export function runCompletion(flags: { readonly shell: Shell }): Promise<number> {
  process.stdout.write(shellScripts[flags.shell]);
  return Promise.resolve(exitCodes.ok);
}

/** Answers a shell what the last of the words behind `magpie` may become. */
export async function answerCompletion(root: Command, words: readonly string[]): Promise<number> {
  const writeLine = writeTo(process.stdout);
  const completion = await complete(root, words, dynamicValues);
  if (completion.kind === "command") writeLine(`:command ${completion.from}`);
  else if (completion.kind !== "candidates") writeLine(`:${completion.kind}`);
  else {
    const { candidates } = completion;
    if (candidates.length === 1 && candidates[0]?.goesOn === true) writeLine(":open");
    for (const { value, about } of candidates) writeLine(`${value}\t${about.replace(/\s+/g, " ")}`);
  }
  return exitCodes.ok;
}
