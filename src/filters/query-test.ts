import type { RequestHead } from "../http/index.ts";
import type { HeadTest } from "./head-test.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import type { TextTest } from "./text-test.ts";

/**
 * Decodes a name or value of a query string once: `%HH` and `+`. Bytes that are not UTF-8 are read as Latin-1, and
 * a percent sign without two digits is itself.
 */
export function decodeQuery(text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Malformed: what can be read is read, because a filter must still give an answer.
    return spaced.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }
}

/** Calls `visit` for each parameter of the query string as it was sent, until it says true; gives whether it did. */
export function someParameter(head: RequestHead, visit: (name: string, value: string) => boolean): boolean {
  const target = originForm(head);
  if (target === undefined) return false;
  let start = pathEnd(target) + 1;
  while (start < target.length) {
    const separator = target.indexOf("&", start);
    const end = separator === -1 ? target.length : separator;
    const sign = target.indexOf("=", start);
    const nameEnd = sign === -1 || sign > end ? end : sign;
    if (end > start && visit(target.slice(start, nameEnd), target.slice(Math.min(nameEnd + 1, end), end)))
      return true;
    start = end + 1;
  }
  return false;
}

/** Holds when a parameter has the name and, if there is a test, a value that passes it. */
export class QueryTest implements HeadTest {
  readonly #name: string;
  readonly #value: TextTest | undefined;

  constructor(name: string, value?: TextTest) {
    this.#name = name;
    this.#value = value;
  }

  matches(head: RequestHead): boolean {
    return someParameter(head, (name, value) => {
      if (decodeQuery(name) !== this.#name) return false;
      if (this.#value === undefined) return true;
      const decoded = decodeQuery(value);
      return this.#value.test(decoded, 0, decoded.length);
    });
  }
}
