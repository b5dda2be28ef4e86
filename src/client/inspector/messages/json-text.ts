import { parseJson } from "../../text/json.ts";

/** Whether a message is an object or a list in JSON: shown as such then. */
export function isJsonText(text: string): boolean {
  return /^\s*[[{]/.test(text) && parseJson(text) !== undefined;
}
