import type { ConfigNode } from "./config-node.ts";

/** A tree as JavaScript has it. What is null counts as not there: in YAML a section without a field is null. */
export function plainValue(node: ConfigNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  const object: Record<string, unknown> = {};
  for (const { key, value } of node.members) {
    if (key === "__proto__" || (value.kind === "scalar" && value.value === null)) continue;
    object[key] = plainValue(value);
  }
  return object;
}
