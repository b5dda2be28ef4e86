import { NftError, type NftProblem } from "./errors.ts";
import type { RenderedTransaction } from "./render.ts";

/**
 * Reads what nft says on stderr about a transaction, as the error to throw; undefined when it complains of nothing.
 *
 * nft answers every fault with three lines: the message (after a location, when it reads a file), the line it read, and carets
 * under the place. Text without that shape still makes an error, with the whole text as its message.
 */
export function complaintOf(stderr: string, transaction: RenderedTransaction): NftError | undefined {
  const problems: NftProblem[] = [];
  const lines = stderr.split("\n");
  for (const [index, text] of lines.entries()) {
    const message = /^(?:\S*:\d+:\d+-\d+: )?(?:Error|internal error): (.*)$/i.exec(text)?.[1];
    if (message === undefined) continue;
    problems.push(problemOf(message, lines[index + 2], transaction));
  }
  const first = problems[0];
  if (first === undefined) {
    const text = stderr.trim();
    return text === "" || isWarning(text)
      ? undefined
      : new NftError("rejected", `nft: ${text}`, { line: transaction.line });
  }
  const place = first.text === "" ? "" : `, at column ${first.column} (${JSON.stringify(first.text)})`;
  return new NftError("rejected", `nft: ${first.message}${place}`, { line: transaction.line, problems });
}

function problemOf(
  message: string,
  carets: string | undefined,
  transaction: RenderedTransaction,
): NftProblem {
  const { line, commands } = transaction;
  // "~~~" underlines what the fault has to do with, "^^^" the fault itself.
  const underline = carets !== undefined && /^[ ^~]*$/.test(carets) ? /\^+/.exec(carets) : null;
  if (underline === null) return { message, column: 0, text: "" };
  const column = underline.index;
  const text = line.slice(column, column + underline[0].length);
  const command = commands.findLast((placed) => placed.start <= column)?.command;
  return { message, column, text, ...(command && { command }) };
}

/** The line editor of `nft -i` wants a terminal description, which containers do not have: no fault of the transaction. */
function isWarning(text: string): boolean {
  return text.split("\n").every((line) => /termcap|terminfo|terminal|^\s*$/i.test(line));
}
