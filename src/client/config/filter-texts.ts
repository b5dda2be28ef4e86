import { isRecord } from "../text/json.ts";
import type { Config } from "./schema/index.ts";

const tested = ["header", "path", "host", "query"] as const;
const joining = ["all", "any", "not"] as const;

/** What of a filter no flag of its own can say, as texts after `--filter`; all of them must hold. */
export function filterTexts({ incoming }: Config): readonly string[] {
  const filter = incoming?.filter;
  if (filter === undefined) return [];
  if (typeof filter === "string") return [filter];
  const tests = tested.flatMap((key) =>
    listOf(filter[key])
      .filter(isRecord)
      .map((test) => JSON.stringify({ [key]: test })),
  );
  const joins = joining.flatMap((key) =>
    filter[key] === undefined ? [] : [JSON.stringify({ [key]: filter[key] })],
  );
  return [...tests, ...callTexts(listOf(filter.grpc)), ...joins, ...listOf(filter.expression)];
}

/** Calls are the exception: a request is only one, so that several mean any. */
function callTexts(calls: readonly unknown[]): readonly string[] {
  if (!calls.some(isRecord)) return [];
  const any = calls.map((call) => ({ grpc: typeof call === "string" ? callTest(call) : call }));
  return [JSON.stringify(any.length === 1 ? any[0] : { any })];
}

function callTest(call: string): object {
  const name = call.replace(/^\//, "");
  const slash = name.lastIndexOf("/");
  return slash === -1 ? { service: name } : { service: name.slice(0, slash), method: name.slice(slash + 1) };
}

function listOf<Item>(value: Item | Item[] | undefined): readonly Item[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
