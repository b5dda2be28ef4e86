import { type Filter, FilterError, readFilter } from "../../../../filters/index.ts";
import { filterOfPattern, type PatternSubject } from "../filter-of-pattern.ts";
import { PatternProblem } from "../pattern-problem.ts";
import type { MirrordHttpFilter, MirrordInnerFilter } from "../shape/incoming.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";

/**
 * The filter that takes the same requests; undefined where all are meant, or where a problem was found.
 * @param headerKey how the pattern of a header is called in the file
 */
export function httpFilterOf(
  filter: MirrordHttpFilter,
  { path, headerKey = "header_filter" }: { path: MirrordPath; headerKey?: string },
  report: TranslationReport,
): Filter | undefined {
  const given = (Object.keys(filter) as (keyof MirrordHttpFilter)[]).filter((key) => key !== "ports");
  const [key, second] = given;
  if (key === undefined) return undefined;
  if (second !== undefined) {
    report.problem([...path, second], `mirrord takes one kind of filter, and ${key} is there too`, {
      hint: "Put them into all_of or any_of.",
    });
    return undefined;
  }
  switch (key) {
    case "header_filter":
      return ofPattern(filter.header_filter, "header", [...path, headerKey], report);
    case "path_filter":
      return ofPattern(filter.path_filter, "path", [...path, key], report);
    case "method_filter":
      return ofMethod(filter.method_filter, [...path, key], report);
    case "all_of":
    case "any_of":
      return ofList(filter[key] ?? [], { key, path: [...path, key] }, report);
    default:
      return noSuchFilter([...path, key], report);
  }
}

function ofPattern(
  pattern: string | undefined,
  subject: PatternSubject,
  path: MirrordPath,
  report: TranslationReport,
): Filter | undefined {
  if (pattern === undefined) return undefined;
  try {
    return filterOfPattern(pattern, subject);
  } catch (error) {
    if (error instanceof PatternProblem)
      report.problem(path, error.message, { hint: error.hint, position: error.position });
    else if (error instanceof FilterError)
      report.problem(path, error.message, {
        hint: error.hint === "" ? undefined : error.hint,
        // What was made of a part of it is not what stands in the file.
        ...(error.source === pattern && { position: error.position }),
      });
    else throw error;
    return undefined;
  }
}

/** mirrord compares methods without case; nobody sends them in small letters. */
function ofMethod(
  method: string | undefined,
  path: MirrordPath,
  report: TranslationReport,
): Filter | undefined {
  try {
    return readFilter({ method: method?.toUpperCase() });
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    report.problem(path, error.message, {
      hint: "A method is compared as a whole: write any_of for several.",
    });
    return undefined;
  }
}

function ofList(
  inner: readonly MirrordInnerFilter[],
  { key, path }: { key: "all_of" | "any_of"; path: MirrordPath },
  report: TranslationReport,
): Filter | undefined {
  if (inner.length === 0) {
    report.problem(path, "is empty", {
      hint: 'Write { "header": … }, { "path": … } or { "method": … } into it.',
    });
    return undefined;
  }
  const filters = inner.map((one, index) => ofInner(one, [...path, index], report));
  if (filters.some((filter) => filter === undefined)) return undefined;
  const clauses = filters.filter((filter) => filter !== undefined);
  const [only] = clauses;
  if (only !== undefined && clauses.length === 1) return only;
  if (key === "any_of") return { any: clauses };
  return { all: clauses.flatMap((clause) => ("all" in clause ? clause.all : [clause])) };
}

function ofInner(
  filter: MirrordInnerFilter,
  path: MirrordPath,
  report: TranslationReport,
): Filter | undefined {
  const given = Object.keys(filter);
  if (given.some((key) => ["body", "query", "matches"].includes(key))) return noSuchFilter(path, report);
  const [key, second] = given;
  if (key === undefined || second !== undefined) {
    const message = second === undefined ? "says nothing" : `has both ${key} and ${second}`;
    report.problem(path, message, { hint: "Each has one of header, path and method." });
    return undefined;
  }
  if (key === "header") return ofPattern(filter.header, "header", [...path, key], report);
  if (key === "path") return ofPattern(filter.path, "path", [...path, key], report);
  return ofMethod(filter.method, [...path, key], report);
}

function noSuchFilter(path: MirrordPath, report: TranslationReport): undefined {
  report.problem(path, "requests are not chosen by their body or by jq", {
    hint: "Choose by a header, the path or the method; what must not be taken by mistake needs a field of its own.",
  });
  return undefined;
}
