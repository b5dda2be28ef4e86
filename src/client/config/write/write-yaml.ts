import { isList, jsonInLine } from "./write-json.ts";
import type { PlainValue } from "./plain-value.ts";

/** YAML 1.2 in blocks; texts that could be read as something else, and lists that are short, stand as in JSON, which it holds. */
export function writeYaml(config: { readonly [key: string]: PlainValue }): string {
  const lines = mapLines(config, "");
  return lines.length === 0 ? "{}\n" : `${lines.join("\n")}\n`;
}

function mapLines(map: { readonly [key: string]: PlainValue }, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const name = `${indent}${scalarText(key)}:`;
    if (isShort(value)) return [`${name} ${shortText(value)}`];
    return [name, ...blockLines(value, `${indent}  `)];
  });
}

function blockLines(value: PlainValue, indent: string): string[] {
  if (typeof value !== "object") return [indent + scalarText(value)];
  if (!isList(value)) return mapLines(value, indent);
  return value.flatMap((item) => {
    if (isShort(item)) return [`${indent}- ${shortText(item)}`];
    const [first = "", ...others] = blockLines(item, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...others];
  });
}

/** Whether it stands in one line: no object with something in it, and no long list. */
function isShort(value: PlainValue): boolean {
  if (typeof value !== "object") return true;
  if (!isList(value)) return Object.keys(value).length === 0;
  return value.every((item) => typeof item !== "object") && jsonInLine(value).length <= 80;
}

function shortText(value: PlainValue): string {
  return typeof value === "object" ? jsonInLine(value) : scalarText(value);
}

/** Plain where nothing else could be read of it, also not by YAML 1.1. */
function scalarText(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const isPlain =
    /^[A-Za-z_./][A-Za-z0-9_./@-]*$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|y|n|\.(?:inf|nan))$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
