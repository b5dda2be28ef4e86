import type { ClientError } from "../../errors.ts";
import { wrapToWidth } from "../../text/fit-width.ts";
import { paintFor, printableLines } from "../../text/paint.ts";

/** Gives a writer of lines. */
export function writeTo(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => void stream.write(`${line}\n`);
}

/** Tells people on stderr what is wrong, and what to do about it. */
export function tellError({ message, hint }: Pick<ClientError, "message" | "hint">): void {
  const paint = paintFor(process.stderr, process.env);
  // A terminal's lines are broken between words; elsewhere each stays whole, for whoever searches it.
  const columns = process.stderr.columns || Infinity;
  const [first = "", ...others] = wrapToWidth(`error: ${printableLines(message)}`, columns);
  const deeper = others.flatMap((line) => wrapToWidth(`  ${line}`, columns));
  const lines = [`${paint("red", "error:")}${first.slice("error:".length)}`, ...deeper];
  const hints =
    hint === undefined ? [] : wrapToWidth(`  ${printableLines(hint).replaceAll("\n", "\n  ")}`, columns);
  // Names of others and words of the agent may be in it.
  process.stderr.write(
    [...lines, ...hints.map((line) => paint("dim", line))].map((line) => `${line}\n`).join(""),
  );
}

/** Tells people on stderr what they should know of the answer on stdout. */
export function tellNote(text: string, style: "dim" | "yellow" = "dim"): void {
  process.stderr.write(`${paintFor(process.stderr, process.env)(style, text)}\n`);
}
