import { compileFilter, type Filter, FilterError, parseFilter } from "../../../../filters/index.ts";
import { Fields, type RequestHead } from "../../../../http/index.ts";
import type { Row } from "../../page-contract.ts";

/** What is written in the filter box, understood. */
export type BoxQuery =
  | { readonly kind: "all" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** `asks`: it looks at header fields, which rows do not have; the process behind the page answers that. */
  | { readonly kind: "filter"; readonly filter: Filter; readonly text: string; readonly asks: boolean }
  | { readonly kind: "problem"; readonly message: string; readonly at: number; readonly hint: string };

/** Signs of the filter language: text without any is words to search for. */
const signs = /[()=~!&|{}"^]/;

/** Reads the filter box: a filter where it is one, else words to search for, else what is wrong with the filter. */
export function readBox(written: string): BoxQuery {
  const text = written.trim();
  if (text === "") return { kind: "all" };
  try {
    const filter = parseFilter(written);
    return { kind: "filter", filter, text, asks: asksForFields(filter) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    if (!signs.test(text)) return { kind: "words", words: text.toLowerCase().split(/\s+/) };
    return { kind: "problem", message: error.message, at: error.position, hint: error.hint };
  }
}

/** Whether a filter can only be decided with the header fields of a request. */
function asksForFields(filter: Filter): boolean {
  if ("all" in filter) return filter.all.some(asksForFields);
  if ("any" in filter) return filter.any.some(asksForFields);
  if ("not" in filter) return asksForFields(filter.not);
  if ("grpc" in filter) return filter.grpc.metadata !== undefined;
  return "header" in filter;
}

/** Gives the test of a query. For a filter that asks for fields, `matching` are the ids that were said to match. */
export function rowTest(query: BoxQuery, matching: ReadonlySet<number>): (row: Row) => boolean {
  if (query.kind === "words") return (row) => hasAll(searched(row), query.words);
  if (query.kind !== "filter") return () => true;
  if (query.asks) return (row) => matching.has(row.id);
  const compiled = compileFilter(query.filter);
  return (row) => row.method !== "" && compiled.matches(headOf(row));
}

const hasAll = (text: string, words: readonly string[]) => words.every((word) => text.includes(word));

/** What words are looked for in: what the list shows of a row. */
function searched(row: Row): string {
  const { method, host, path, status, answeredBy, because, requestType, answerType, member, failure } = row;
  return `${method} ${host}${path} ${status ?? ""} ${row.what} ${answeredBy} ${because} ${requestType} ${answerType} ${
    member ?? ""
  } ${failure ?? ""} ${row.kind} ${row.state}`.toLowerCase();
}

/** What of a request's head its row says. */
function headOf(row: Row): RequestHead {
  return {
    method: row.method,
    target: row.path,
    version: row.protocol === "http2" ? "2" : "1.1",
    authority: row.host,
    fields: Fields.fromPairs(row.requestType === "" ? [] : [["content-type", row.requestType]]),
  };
}
