import { readFileSync } from "node:fs";
import { isRecord, parseJson } from "../text/json.ts";

/** The version of the package that this file belongs to. */
export function packageVersion(): string {
  const manifest = parseJson(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return isRecord(manifest) && typeof manifest["version"] === "string" ? manifest["version"] : "unknown";
}
