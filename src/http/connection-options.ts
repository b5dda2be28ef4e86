import type { FieldFacts } from "./field-lines.ts";
import type { Fields } from "./fields.ts";

/** Whether some `Connection` field lists this option (RFC 9110 §7.6.1). `lowerOption` must be in lower case. */
export function hasConnectionOption(fields: Fields, lowerOption: string): boolean {
  for (let index = 0; index < fields.count; index++) {
    if (!fields.isNamed(index, "connection")) continue;
    const value = fields.value(index).toLowerCase();
    if (value === lowerOption) return true;
    if (value.includes(",") && value.split(",").some((option) => option.trim() === lowerOption)) return true;
  }
  return false;
}

/** Whether the sender lets the connection live on (RFC 9112 §9.3): 1.1 unless it says close, 1.0 if it says keep-alive. */
export function keepsAlive(fields: Fields, facts: FieldFacts, isHttp10: boolean): boolean {
  if (!facts.hasConnection) return !isHttp10;
  if (hasConnectionOption(fields, "close")) return false;
  return !isHttp10 || hasConnectionOption(fields, "keep-alive");
}
