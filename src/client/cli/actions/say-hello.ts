import { textOfLine } from "../../json-lines/index.ts";
import { takeUntranslated } from "../settings/untranslated.ts";
import { packageVersion } from "../version.ts";

/**
 * The first line of a command that runs a session: which contract the lines behind it keep. Then what has no counterpart of a
 * config that another tool's users wrote.
 */
export function sayHello(command: string, writeLine: (line: string) => void): void {
  writeLine(textOfLine({ event: "hello", version: 1, magpie: packageVersion(), command, pid: process.pid }));
  for (const line of takeUntranslated()) writeLine(line);
}
