import type { PlainValue } from "./plain-value.ts";

/** Longer than this an object or list takes several lines. */
const MAX_LINE = 100;

/** JSON with two blanks a level; what is short stands in one line. */
export function writeJson(value: PlainValue, indent = ""): string {
  const inLine = jsonInLine(value);
  const isTop = indent === "";
  if (typeof value !== "object" || (!isTop && inLine.length + indent.length <= MAX_LINE && !isDeep(value)))
    return inLine;
  const inner = `${indent}  `;
  if (isList(value)) {
    const items = value.map((item) => `${inner}${writeJson(item, inner)}`);
    return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${writeJson(item, inner)}`,
  );
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

/** As people write it: blanks behind colons and commas. */
export function jsonInLine(value: PlainValue): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonInLine).join(", ")}]`;
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonInLine(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

export function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

/** An object with an object in it is read better in several lines. */
function isDeep(value: PlainValue): boolean {
  return (
    typeof value === "object" &&
    !isList(value) &&
    Object.values(value).some((one) => typeof one === "object" && !isList(one))
  );
}
