import { type Filter, FilterError, parseFilter, readFilter } from "../../filters/index.ts";
import { ClientError } from "../errors.ts";

/** The filter flags of a command line, each as often as it was given. */
export interface FilterFlags {
  readonly header: readonly string[];
  readonly path: readonly string[];
  readonly method: readonly string[];
  readonly host: readonly string[];
  readonly query: readonly string[];
  readonly grpc: readonly string[];
  readonly filter: readonly string[];
}

/**
 * Makes one filter of all flags: every one of them must hold. Methods and gRPC calls are the exception, since a request
 * has only one: several of them mean any. Null when there is no flag, which takes everything.
 *
 * Problems are added to `problems`, all of them and not just the first, with the place under a caret.
 */
export function filterOfFlags(flags: FilterFlags, problems: ClientError[]): Filter | null {
  const clauses: Filter[] = [];
  const calls: Filter[] = [];
  const add = (flag: string, read: () => Filter, to = clauses): void => {
    try {
      to.push(read());
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
  for (const text of flags.grpc) add("grpc", () => callFilter(text), calls);
  const [call] = calls;
  if (call !== undefined) clauses.push(calls.length === 1 ? call : { any: calls });
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

/** `service` means all its methods, `service/method` that one; as in a path, a slash may come first. */
function callFilter(text: string): Filter {
  const fail = (position: number, message: string, hint: string) =>
    new FilterError("bad-value", message, { source: text, position, hint });
  const strange = text.search(/[\s*?#:,]/);
  if (strange !== -1) {
    const character = text.charAt(strange);
    throw fail(
      strange,
      `${JSON.stringify(character)} is in no service and no method`,
      strangeHint(character),
    );
  }
  const start = text.startsWith("/") ? 1 : 0;
  const called = text.slice(start);
  const empty = /^$|^\/|\/\/|\/$/.exec(called);
  if (empty !== null) {
    const hint = "Write shop.Cart/AddItem, or shop.Cart for all its methods.";
    const missing = called.endsWith("/") && called.length > 1 ? "method" : "service";
    throw fail(start + empty.index, `the ${missing} is missing`, hint);
  }
  const slash = called.lastIndexOf("/");
  if (slash === -1) return readFilter({ grpc: { service: called } });
  return readFilter({ grpc: { service: called.slice(0, slash), method: called.slice(slash + 1) } });
}

function strangeHint(character: string): string {
  if (character === "*")
    return "A service alone means all its methods; for more, write --filter 'grpc.service ^= \"shop.\"'.";
  if (character === ",") return "Give --grpc once for each of them.";
  return "Write shop.Cart/AddItem, without scheme, host and query.";
}
