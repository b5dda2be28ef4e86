import type { ClientError } from "../../errors.ts";
import { paintFor, printableLines } from "../../text/paint.ts";

/** Gives a writer of lines. */
export function writeTo(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => void stream.write(`${line}\n`);
}

/** Tells people on stderr what is wrong, and what to do about it. */
export function tellError({ message, hint }: Pick<ClientError, "message" | "hint">): void {
  const paint = paintFor(process.stderr, process.env);
  // Names of others and words of the agent may be in it.
  process.stderr.write(`${paint("red", "error:")} ${printableLines(message).replaceAll("\n", "\n  ")}\n`);
  if (hint !== undefined) process.stderr.write(`  ${paint("dim", printableLines(hint))}\n`);
}

/** Tells people on stderr what they should know of the answer on stdout. */
export function tellNote(text: string, style: "dim" | "yellow" = "dim"): void {
  process.stderr.write(`${paintFor(process.stderr, process.env)(style, text)}\n`);
}
