import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { ClientError } from "../errors.ts";
import { printable } from "../text/paint.ts";
import { toByteText } from "./byte-text.ts";
import { EnvFileError, parseEnvFile } from "./env-file.ts";
import type { EnvironmentRule, WrittenRule } from "./environment-rule.ts";
import { EnvironmentRules } from "./environment-rules.ts";

/** Larger than any file that was written by hand. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Makes rules of the flags, in the order in which they were written, and reads the files that they name. No message holds a
 * value. Rules of `before` count as written before all of them.
 * @throws ClientError `usage` at the first that cannot be understood
 */
export function rulesOfFlags(
  written: readonly WrittenRule[],
  { before = [] }: { before?: readonly EnvironmentRule[] } = {},
): EnvironmentRules {
  return new EnvironmentRules([...before, ...written.flatMap(rulesOf)]);
}

function rulesOf({ flag, text }: WrittenRule): EnvironmentRule[] {
  if (flag === "from-env-file") return rulesOfFile(text);
  if (flag !== "override" && flag !== "map")
    return [{ kind: flag, pattern: pattern(flag, text), written: `--${flag} ${quoted(text)}` }];
  const { name, value } = assignment(flag, text);
  const written = `--${flag} ${quoted(name)}`;
  if (flag === "map") return [{ kind: "map", pattern: pattern(flag, name), value, written }];
  if (!name.includes("*")) return [{ kind: "set", name: toByteText(name), value, written }];
  throw new ClientError("usage", `--override sets one variable, and ${quoted(name)} names many`, {
    hint: `--map ${quoted(`${name}=…`)} changes all that there are.`,
  });
}

function rulesOfFile(path: string): EnvironmentRule[] {
  const fail = (what: string, hint?: string) =>
    new ClientError("usage", `--from-env-file ${quoted(path)}: ${what}`, hint === undefined ? {} : { hint });
  let text: string;
  try {
    text = readWhole(path);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  try {
    return parseEnvFile(text).map(({ name, value, line }) => {
      return { kind: "set", name, value, written: `--from-env-file ${quoted(path)}, line ${line}` };
    });
  } catch (error) {
    if (!(error instanceof EnvFileError)) throw error;
    throw fail(`line ${error.line}: ${error.message}`, "It is read as `node --env-file` reads its file.");
  }
}

/** @throws Error that says what is wrong with the file */
function readWhole(path: string): string {
  // A FIFO, as of <(…) in a shell, is read to its end.
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    if (fstatSync(descriptor).isDirectory()) throw new Error("it is a directory");
    const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += count;
      if (count === 0) return bytes.toString("latin1", 0, length);
      if (length > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES >> 20} MB`);
    }
  } finally {
    closeSync(descriptor);
  }
}

function pattern(flag: string, text: string): string {
  if (text === "") throw new ClientError("usage", `--${flag} names no variable`);
  const sign = text.indexOf("=");
  if (sign !== -1)
    throw new ClientError("usage", `--${flag} takes a name, and ${quoted(text.slice(0, sign))}=… is more`, {
      hint: "--override NAME=value sets a value.",
    });
  return toByteText(text);
}

function assignment(flag: "override" | "map", text: string) {
  const sign = text.indexOf("=");
  // What was written may be a secret in the wrong place: it is not repeated.
  if (sign <= 0) throw new ClientError("usage", `--${flag} is written NAME=value`);
  return { name: text.slice(0, sign), value: toByteText(text.slice(sign + 1)) };
}

/** As it is written in a shell, or nearly: for people. */
function quoted(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${printable(text)}'`;
}
