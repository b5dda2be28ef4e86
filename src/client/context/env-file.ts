import type { ByteText } from "./byte-text.ts";

/** A variable of a file, and the line where it begins. */
export interface FileVariable {
  readonly name: ByteText;
  readonly value: ByteText;
  readonly line: number;
}

/** What is wrong with a file of variables, and where; never what the line says. */
export class EnvFileError extends Error {
  override readonly name = "EnvFileError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads a file of variables as `node --env-file` does, but refuses what programs read in different ways, and what node would
 * pass over in silence.
 *
 * `NAME=value` a line, `export` may stand before it; empty lines and such that begin with `#` say nothing. A value in
 * `'…'`, `"…"` or `` `…` `` may go on over lines and is taken as it is, save that in `"…"` a `\n` is a new line. Without
 * quotes it is cut of the blanks around it and ends at a `#` behind a blank. Nothing is expanded.
 * @throws EnvFileError
 */
export function parseEnvFile(text: ByteText): FileVariable[] {
  const source = text.replace(/^\u00EF\u00BB\u00BF/, "").replaceAll("\r\n", "\n");
  const variables: FileVariable[] = [];
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const end = lineEnd(source, at);
    const words = source.slice(at, end);
    if (words.includes("\r") || words.includes("\0"))
      throw new EnvFileError(line, "it holds a control character that is none of a text");
    if (/^[ \t]*(?:#.*)?$/.test(words)) {
      at = end + 1;
      line++;
      continue;
    }
    const head = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/.exec(words);
    if (head === null) throw new EnvFileError(line, "it is not NAME=value");
    const name = head[1] ?? "";
    // Some go on to the next line for its value.
    if (head[0] === words && /[ \t]$/.test(words))
      throw new EnvFileError(line, "an empty value behind blanks is read in two ways; write '' for it");
    const { value, next } = readValue(source, { at: at + head[0].length, end, line });
    variables.push({ name, value, line });
    for (const character of source.slice(at, next)) if (character === "\n") line++;
    at = next;
  }
  return variables;
}

function readValue(
  source: ByteText,
  { at, end, line }: { at: number; end: number; line: number },
): { value: ByteText; next: number } {
  const quote = source[at];
  if (quote !== "'" && quote !== '"' && quote !== "`")
    return { value: bareValue(source.slice(at, end), line), next: end + 1 };
  const close = source.indexOf(quote, at + 1);
  if (close === -1) throw new EnvFileError(line, `its ${quote} is never closed`);
  const last = lineEnd(source, close);
  if (!/^[ \t]*(?:#.*)?$/.test(source.slice(close + 1, last)))
    throw new EnvFileError(
      line,
      `behind the closing ${quote} more follows; a quote cannot stand in its own quotes`,
    );
  const value = source.slice(at + 1, close);
  if (value.includes("\r")) throw new EnvFileError(line, "its value holds a bare carriage return");
  return { value: quote === '"' ? value.replaceAll("\\n", "\n") : value, next: last + 1 };
}

function bareValue(words: ByteText, line: number): ByteText {
  const hash = words.indexOf("#");
  if (hash === -1) return words.replace(/[ \t]+$/, "");
  // Some take it for a comment, some for a part of the value.
  if (hash > 0 && !/[ \t]/.test(words[hash - 1] ?? ""))
    throw new EnvFileError(line, "a # inside a value is read in two ways; put the value in quotes");
  return words.slice(0, hash).replace(/[ \t]+$/, "");
}

function lineEnd(source: ByteText, from: number): number {
  const end = source.indexOf("\n", from);
  return end === -1 ? source.length : end;
}
