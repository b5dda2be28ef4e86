import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ClientError } from "../../errors.ts";

/** Writes a file that is not there yet, and the folders above it. @throws ClientError `local-data`, also where it is there */
export function writeNewFile(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = isThere ? `${file} is there already` : `${file} cannot be written: ${why}`;
    const hint = "It is left as it is: change or remove it, or name another file.";
    throw new ClientError("local-data", what, isThere ? { hint, cause } : { cause });
  }
}
