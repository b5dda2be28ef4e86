import { isList } from "./write-json.ts";
import type { PlainValue } from "./plain-value.ts";

type Table = { readonly [key: string]: PlainValue };

/** TOML 1.0: each object is a table of its own, and those within lists stand in one line. */
export function writeToml(config: Table): string {
  return `${tableLines(config, []).join("\n").replace(/^\n/, "")}\n`;
}

function tableLines(table: Table, path: readonly string[]): string[] {
  const entries = Object.entries(table);
  const plain = entries.filter(([, value]) => !isTable(value));
  const tables = entries.filter(([, value]) => isTable(value));
  const head =
    path.length > 0 && (plain.length > 0 || tables.length === 0)
      ? ["", `[${path.map(keyText).join(".")}]`]
      : [];
  const lines = plain.map(([key, value]) => `${keyText(key)} = ${valueText(value)}`);
  return [
    ...head,
    ...lines,
    ...tables.flatMap(([key, value]) => (isTable(value) ? tableLines(value, [...path, key]) : [])),
  ];
}

function isTable(value: PlainValue): value is Table {
  return typeof value === "object" && !isList(value);
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : stringText(key);
}

function valueText(value: PlainValue): string {
  if (typeof value === "string") return stringText(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) {
    const inLine = `[${value.map(valueText).join(", ")}]`;
    return inLine.length <= 80 || value.length < 2
      ? inLine
      : `[\n${value.map((item) => `  ${valueText(item)},\n`).join("")}]`;
  }
  const members = Object.entries(value).map(([key, item]) => `${keyText(key)} = ${valueText(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** As it stands in single quotes where that says it, since patterns are full of backslashes. */
function stringText(text: string): string {
  if (/[\\"]/.test(text) && !/['\p{Cc}]/u.test(text)) return `'${text}'`;
  // What JSON escapes TOML reads so too, but for the one control character that JSON leaves as it is.
  return JSON.stringify(text).replaceAll("\u007f", "\\u007F");
}
