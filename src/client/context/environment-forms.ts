import { type ByteText, bytesOf, textOf } from "./byte-text.ts";
import type { DecidedVariable } from "./environment-rules.ts";

/** A text that a program reads, and the names that cannot be said in it, each with the reason. */
export interface WrittenEnvironment {
  readonly text: ByteText;
  readonly unsaid: readonly { readonly name: ByteText; readonly because: string }[];
}

/** Names that every shell can have (XBD 8.1). */
const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that a shell sets itself and refuses to have set, which would end the script (bash(1), zshparam(1)). */
const shellsOwn = new Set(["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID", "GID", "EGID"]);

/**
 * For `.` or eval in sh, bash, zsh and the like: an `export` or `unset` a variable. In single quotes nothing is expanded
 * (XCU 2.2.2), and every byte but NUL stands for itself.
 */
export function asShell(variables: readonly DecidedVariable[]): WrittenEnvironment {
  return write(variables, ({ name, value }) => {
    if (!shellName.test(name)) return { because: "a shell has no variables of such a name" };
    if (shellsOwn.has(name)) return { because: "shells set it themselves" };
    if (value === undefined) return { line: `unset ${name}` };
    return { line: `export ${name}='${value.replaceAll("'", "'\\''")}'` };
  });
}

/**
 * For programs that read a file of variables; as it is read by `node --env-file` and by magpie's own `--from-env-file`. They
 * differ in what they make of quotes: only a value of plain characters stands without, so that it is the same to all, and
 * whoever expands nothing in single quotes reads those. What cannot be said so that it comes back is left out.
 */
export function asDotenv(variables: readonly DecidedVariable[]): WrittenEnvironment {
  return write(variables, ({ name, value }) => {
    if (value === undefined) return { because: "a file of variables cannot take one away" };
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) return { because: "such a name cannot stand in the file" };
    const quotedValue = dotenvValue(value);
    if (quotedValue === undefined) return { because: "its value cannot stand in the file" };
    return { line: `${name}=${quotedValue}` };
  });
}

function dotenvValue(value: ByteText): ByteText | undefined {
  // Readers drop carriage returns, and read the file as UTF-8.
  if (value.includes("\r") || textOf(value) === undefined) return undefined;
  if (/^[\w@%+:,./-]+$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["\\]/.test(value)) return `"${value}"`;
  return value.includes("`") ? undefined : `\`${value}\``;
}

function write(
  variables: readonly DecidedVariable[],
  say: (variable: DecidedVariable) => { line: ByteText } | { because: string },
): WrittenEnvironment {
  const lines: ByteText[] = [];
  const unsaid: { name: ByteText; because: string }[] = [];
  for (const variable of variables) {
    const said = say(variable);
    if ("line" in said) lines.push(said.line);
    else unsaid.push({ name: variable.name, because: said.because });
  }
  return { text: lines.map((line) => `${line}\n`).join(""), unsaid };
}

/** For people: one line, `NAME=value`; what is no plain text of one line as bash's `$'…'` would say it. */
export function asShown({ name, value }: DecidedVariable): string {
  return value === undefined ? `${shownPart(name)} is not set` : `${shownPart(name)}=${shownPart(value)}`;
}

function shownPart(part: ByteText): string {
  const text = textOf(part);
  if (text !== undefined && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return text;
  const escaped =
    text === undefined
      ? escapedBytes(part)
      : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}'\\]/gu, escapedCharacter);
  return `$'${escaped}'`;
}

function escapedBytes(bytes: ByteText): string {
  return bytes.replace(/[^\x20-\x7E]|['\\]/g, (byte) => escapes[byte] ?? `\\x${hex(byte.charCodeAt(0), 2)}`);
}

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return escapes[character] ?? (code < 0x80 ? `\\x${hex(code, 2)}` : `\\U${hex(code, 8)}`);
}

const escapes: Readonly<Record<string, string>> = {
  ...{ "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u001B": "\\e", "'": "\\'", "\\": "\\\\" },
};

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** For programs: text where it is UTF-8, and the bytes in base64 where it is not. */
export function asJson({ name, value, source, rule }: DecidedVariable) {
  const text = value === undefined ? undefined : textOf(value);
  const isText = textOf(name) !== undefined;
  return {
    name: textOf(name) ?? bytesOf(name).toString("utf8"),
    ...(isText ? {} : { nameBase64: bytesOf(name).toString("base64") }),
    value: text ?? null,
    ...(value === undefined || text !== undefined ? {} : { valueBase64: bytesOf(value).toString("base64") }),
    source,
    rule: rule?.written ?? null,
  };
}
