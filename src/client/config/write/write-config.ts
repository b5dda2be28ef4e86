import type { ConfigFormat } from "./config-format.ts";
import type { PlainValue } from "./plain-value.ts";
import { writeJson } from "./write-json.ts";
import { writeToml } from "./write-toml.ts";
import { writeYaml } from "./write-yaml.ts";

/**
 * Writes a config as people would, in any of the formats, so that our readers read the same of it.
 * @param comments lines that stand before it; JSON has no place for them and goes without
 */
export function writeConfig(
  config: { readonly [key: string]: PlainValue },
  { format, comments = [] }: { format: ConfigFormat; comments?: readonly string[] },
): string {
  // A line break would end the comment.
  const lines = comments.map((line) => line.replaceAll(/\s+/g, " ").trimEnd());
  const before = (sign: string) => lines.map((line) => `${sign} ${line}`.trimEnd()).concat("");
  switch (format) {
    case "json":
      return `${writeJson(config)}\n`;
    case "jsonc":
      return `${before("//").join("\n")}${writeJson(config)}\n`;
    case "toml":
      return `${before("#").join("\n")}${lines.length > 0 ? "\n" : ""}${writeToml(config)}`;
    default:
      return `${before("#").join("\n")}${writeYaml(config)}`;
  }
}
