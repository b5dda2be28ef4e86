import { writeNewFile } from "./write-new-file.ts";
import { type ConfigFile, findConfig, namedConfig, problemLines, problemText } from "../../config/index.ts";
import { type ConvertedConfig, convertConfig } from "../../config/convert-config.ts";
import { type ConfigFormat, formatOf } from "../../config/write/config-format.ts";
import { plainObject } from "../../config/write/plain-value.ts";
import { writeConfig } from "../../config/write/write-config.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { printable } from "../../text/paint.ts";
import type { ConfigConvertFlags } from "../commands/config-convert.ts";
import { tellError, tellNote } from "./terminal.ts";

/** Runs `magpie config convert`; gives the exit code. */
export async function runConfigConvert(flags: ConfigConvertFlags): Promise<number> {
  try {
    const file = fileOf(flags);
    const format = formatFor(flags, file);
    const converted = await convertConfig(file, { environment: process.env });
    if (converted.problems !== undefined) {
      for (const problem of converted.problems) {
        const [first = "", ...others] = problemLines(problem);
        tellError({ message: [first, ...others].join("\n"), hint: undefined });
      }
      return exitCodes.failure;
    }
    const comments = commentsOf(file, converted);
    const text = writeConfig(plainObject(converted.config), { format, comments });
    for (const line of notesOf(converted)) tellNote(printable(line));
    if (flags.out === undefined) process.stdout.write(text);
    else {
      writeNewFile(flags.out, text);
      tellNote(`written: ${printable(flags.out)}. Check it by: magpie config check ${printable(flags.out)}`);
    }
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    tellError(error);
    return exitCodeOf(error.code);
  }
}

function fileOf({ file }: ConfigConvertFlags): ConfigFile {
  const folder = process.cwd();
  const found = file === undefined ? findConfig(folder) : namedConfig(file, folder);
  if (found !== undefined) return found;
  throw new ClientError("local-data", "there is no config here, of magpie or of mirrord", {
    hint: "Name one: magpie config convert mirrord.json",
  });
}

function formatFor({ to, out }: ConfigConvertFlags, { path }: ConfigFile): ConfigFormat {
  const named = out === undefined ? undefined : formatOf(out);
  if (out !== undefined && named === undefined)
    throw new ClientError("usage", `${JSON.stringify(out)} says no format`, {
      hint: "A config ends in .json, .jsonc, .toml, .yaml or .yml.",
    });
  if (to !== undefined && named !== undefined && to !== named)
    throw new ClientError("usage", `--to ${to} and --out ${out} contradict each other`, {
      hint: "Leave out --to.",
    });
  const own = formatOf(path);
  // Comments have a place there.
  return to ?? named ?? (own === undefined || own === "json" ? "jsonc" : own);
}

/** What stands before the config. */
function commentsOf(file: ConfigFile, { notices, filled }: ConvertedConfig): readonly string[] {
  if (notices.length + filled.length === 0) return [];
  const lines = notices.map((notice) => {
    const text = problemText({ ...notice, place: undefined }).slice(notice.file.length + ": ".length);
    return notice.place === undefined ? `- ${text}` : `- line ${notice.place.line}: ${text}`;
  });
  return [
    `Made of ${file.shown} by magpie config convert. What is to know:`,
    ...lines,
    ...filledLines(filled),
  ];
}

function notesOf({ notices, filled }: ConvertedConfig): readonly string[] {
  return [...notices.map(problemText), ...filledLines(filled)];
}

function filledLines(filled: readonly string[]): readonly string[] {
  return filled.length === 0
    ? []
    : [`- filled in by what they are here, since magpie has no such templates: ${filled.join(", ")}`];
}
