import { placedError } from "../../config/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { textOfLine } from "../../json-lines/index.ts";
import { tellError, writeTo } from "./terminal.ts";

/** Explains what rules say by themselves, which asks nobody; gives the exit code. A mistake is told like everywhere. */
export function explaining(
  { output }: { readonly output: string },
  explain: (writeLine: (line: string) => void) => void,
): Promise<number> {
  const writeLine = writeTo(process.stdout);
  try {
    explain(writeLine);
    return Promise.resolve(exitCodes.ok);
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause;
    const error = placedError(cause);
    tellError(error);
    const { code, message, hint } = error;
    if (output === "json") writeLine(textOfLine({ event: "ended", code, message, hint: hint ?? null }));
    return Promise.resolve(exitCodeOf(code));
  }
}
