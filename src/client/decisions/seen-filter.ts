import {
  type CompiledFilter,
  compileFilter,
  type Filter,
  type HeaderTest,
  isSecret,
} from "../../filters/index.ts";
import { Fields, type RequestHead } from "../../http/index.ts";
import { type DecisionRecord, MAX_FIELDS_TOLD, MAX_TARGET_LENGTH } from "../../protocol/index.ts";

/** Whether a request passes a filter; `maybe` where what decides is not for the eyes of whoever looks. */
export type Fit = "yes" | "no" | "maybe";

type Ask = (decision: DecisionRecord, head: RequestHead) => Fit;

const masked = "(masked)";

/**
 * A filter that is asked about requests as they are told: without the values of fields that are shown to others only, and
 * without secrets. Its clauses are decided as far as what is told decides them.
 */
export class SeenFilter {
  readonly #ask: Ask;

  /** @throws FilterError as `compileFilter` does */
  constructor(filter: Filter) {
    this.#ask = askOf(filter);
  }

  /** A connection, of which no request was read, passes no filter. */
  fit(decision: DecisionRecord): Fit {
    if (decision.method === "") return "no";
    return this.#ask(decision, seenHead(decision));
  }
}

/** All must fit. */
export function allFit(fits: readonly Fit[]): Fit {
  if (fits.includes("no")) return "no";
  return fits.includes("maybe") ? "maybe" : "yes";
}

function askOf(filter: Filter): Ask {
  if ("all" in filter) {
    const parts = filter.all.map(askOf);
    return (decision, head) => allFit(parts.map((part) => part(decision, head)));
  }
  if ("any" in filter) {
    const parts = filter.any.map(askOf);
    return (decision, head) => not(allFit(parts.map((part) => not(part(decision, head)))));
  }
  if ("not" in filter) {
    const part = askOf(filter.not);
    return (decision, head) => not(part(decision, head));
  }
  const compiled = compileFilter(filter);
  if ("header" in filter) return headerAsk(filter.header, compiled);
  if ("method" in filter) return (_decision, head) => exact(compiled, head);
  if ("host" in filter) return (_decision, head) => (head.authority === "" ? "maybe" : exact(compiled, head));
  if ("grpc" in filter) return grpcAsk(filter, compiled);
  if ("query" in filter) {
    const { query } = filter;
    const isHidden = !("present" in query || "absent" in query) && isSecret(query.name);
    return (decision, head) =>
      isCut(decision) || (isHidden && decision.target.includes(masked)) ? "maybe" : exact(compiled, head);
  }
  const { path } = filter;
  const seesQuery =
    typeof path === "string" || path.query === "with" || (path.query === undefined && "matches" in path);
  return (decision, head) =>
    isCut(decision) || (seesQuery && decision.target.includes(masked)) ? "maybe" : exact(compiled, head);
}

function headerAsk(test: string | HeaderTest, compiled: CompiledFilter): Ask {
  if (typeof test === "string")
    return (decision, head) => {
      if (areNamesUnknown(decision)) return "maybe";
      if (decision.headerNames.length === 0) return "no";
      return decision.head === null || decision.head.some(([, value]) => value === masked)
        ? "maybe"
        : exact(compiled, head);
    };
  const name = test.name.toLowerCase();
  const asksForValue = !("present" in test || "absent" in test);
  return (decision, head) => {
    if (areNamesUnknown(decision)) return "maybe";
    const isThere = decision.headerNames.some((one) => one.toLowerCase() === name);
    if (isThere && asksForValue) {
      if (decision.head === null) return "maybe";
      if (
        isSecret(name) &&
        decision.head.some(([one, value]) => one.toLowerCase() === name && value === masked)
      )
        return "maybe";
    }
    return exact(compiled, head);
  };
}

/** Of a call whose fields are not told, only path and method decide. */
function grpcAsk(filter: Filter & { readonly grpc: object }, compiled: CompiledFilter): Ask {
  const { metadata: _metadata, ...named } = filter.grpc as { metadata?: unknown };
  const byName = compileFilter({ grpc: Object.keys(named).length === 0 ? { present: true } : named });
  const fields = Fields.fromPairs([["content-type", "application/grpc"]]);
  return (decision, head) => {
    if (isCut(decision) || areNamesUnknown(decision)) return "maybe";
    if (!byName.matches({ ...head, fields })) return "no";
    if (!decision.headerNames.some((name) => name.toLowerCase() === "content-type")) return "no";
    if (decision.head === null) return "maybe";
    return decision.head.some(([, value]) => value === masked) ? "maybe" : exact(compiled, head);
  };
}

function exact(compiled: CompiledFilter, head: RequestHead): Fit {
  return compiled.matches(head) ? "yes" : "no";
}

function not(fit: Fit): Fit {
  if (fit === "maybe") return fit;
  return fit === "yes" ? "no" : "yes";
}

/** What is told ends there, the target itself may not. */
function isCut({ target }: DecisionRecord): boolean {
  return target.length >= MAX_TARGET_LENGTH;
}

/** Too many of them, or left out where the whole was too large. */
function areNamesUnknown({ headerNames, explanation }: DecisionRecord): boolean {
  return headerNames.length >= MAX_FIELDS_TOLD || (headerNames.length === 0 && explanation === null);
}

/** With names alone where values are not told. */
function seenHead({ method, target, head, headerNames, protocol }: DecisionRecord): RequestHead {
  const pairs = head ?? headerNames.map((name) => [name, ""] as const);
  const [, host = ""] = head?.find(([name]) => name.toLowerCase() === "host") ?? [];
  return {
    ...{ method, target, version: protocol === "http2" ? "2" : "1.1" },
    // Of an absolute form another one counts.
    authority: target.startsWith("/") ? host : "",
    fields: Fields.fromPairs(pairs),
  };
}
