import { textOfLine } from "../../json-lines/index.ts";
import { packageVersion } from "../version.ts";

/** The first line of a command that runs a session: which contract the lines behind it keep. */
export function helloLine(command: string): string {
  return textOfLine({ event: "hello", version: 1, magpie: packageVersion(), command, pid: process.pid });
}
