import { type Filter, FilterError, parseFilter, readFilter } from "../../filters/index.ts";
import { ClientError } from "../errors.ts";

/** The filter flags of a command line, each as often as it was given. */
export interface FilterFlags {
  readonly header: readonly string[];
  readonly path: readonly string[];
  readonly method: readonly string[];
  readonly host: readonly string[];
  readonly query: readonly string[];
  readonly filter: readonly string[];
}

/**
 * Makes one filter of all flags: every one of them must hold. Methods are the exception, since a request has only one:
 * several of them mean any. Null when there is no flag, which takes everything.
 *
 * Problems are added to `problems`, all of them and not just the first, with the place under a caret.
 */
export function filterOfFlags(flags: FilterFlags, problems: ClientError[]): Filter | null {
  const clauses: Filter[] = [];
  const add = (flag: string, read: () => Filter): void => {
    try {
      clauses.push(read());
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      problems.push(new ClientError("usage", `--${flag}: ${error.render()}`, { cause: error }));
    }
  };
  for (const text of flags.header) add("header", () => readFilter({ header: text }));
  for (const text of flags.path) add("path", () => readFilter({ path: text }));
  const methods = flags.method.flatMap((text) => text.split(",")).map((method) => method.trim());
  if (methods.length > 0)
    add("method", () => readFilter({ method: methods.length === 1 ? methods[0] : methods }));
  for (const text of flags.host) add("host", () => readFilter({ host: text }));
  for (const text of flags.query) add("query", () => readFilter({ query: queryTest(text) }));
  for (const text of flags.filter) add("filter", () => parseFilter(text));
  const [only, ...others] = clauses;
  if (only === undefined) return null;
  return others.length === 0 ? only : { all: clauses };
}

/** `name` must be there, `name=value` be exactly so, `name~pattern` match. */
function queryTest(text: string): object {
  const parts = /^(?<name>[^=~]*)(?<sign>[=~])(?<rest>.*)$/s.exec(text)?.groups;
  if (parts === undefined) return { name: text, present: true };
  return parts["sign"] === "="
    ? { name: parts["name"], equals: parts["rest"] }
    : { name: parts["name"], matches: parts["rest"] };
}
