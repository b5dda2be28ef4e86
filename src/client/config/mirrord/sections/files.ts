import type { Config } from "../../schema/index.ts";
import { globsOfPattern } from "../globs-of-pattern.ts";
import type { MirrordFiles } from "../shape/feature.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";
import { listOf } from "./list-of.ts";

const at: MirrordPath = ["feature", "fs"];

/** In the order in which they count here; mirrord says of none that it comes first. */
const lists = [
  ["not_found", "absent"],
  ["local", "local"],
  ["read_write", "read-write"],
  ["read_only", "read"],
] as const;

/** `feature.fs`. */
export function filesOf(config: MirrordConfig, report: TranslationReport): Config["files"] {
  const written = config.feature?.fs;
  if (written === false || written === "local") return { mode: "local" };
  const files: MirrordFiles = typeof written === "object" ? written : {};
  const mode = typeof written === "string" ? written : (files.mode ?? "read");
  if (mode === "localwithoverrides")
    report.notice(
      typeof written === "string" ? at : [...at, "mode"],
      "the files are yours, but for what your own patterns name; mirrord has some more of the pod's by a list of its own",
    );
  const rules = lists.flatMap(([key, to]) =>
    listOf(files[key] ?? []).flatMap((pattern, index) => {
      const path = [...at, key, ...(typeof files[key] === "string" ? [] : [index])];
      return patternsOf(pattern, path, report).map((glob) => `${to}:${glob}`);
    }),
  );
  const aws = config.feature?.magic?.aws === true ? ["absent:~/.aws"] : [];
  const all = [...aws, ...rules];
  return {
    mode: mode === "write" ? "read-write" : mode === "read" ? "read" : "local",
    ...(all.length > 0 && { rules: all }),
  };
}

function patternsOf(pattern: string, path: MirrordPath, report: TranslationReport): string[] {
  const found = globsOfPattern(pattern, { any: "**", inName: "*" });
  const globs = found?.globs.map(withoutEnd) ?? [];
  if (found === undefined || globs.some((glob) => !/^(?:\/|\*\*)/.test(glob))) {
    report.problem(path, "this pattern of paths cannot be said with * and **", {
      hint: 'Write several that can, like "^/etc/app/.*" or ".+\\\\.json$".',
    });
    return [];
  }
  if (found.isWider) report.notice(path, `read as ${globs.join(" and ")}, which fit more than the pattern`);
  return globs;
}

/** What fits a folder fits all in it: `/etc/app/**` says no more than `/etc/app`, and a path stays readable. */
function withoutEnd(glob: string): string {
  return glob.replace(/(?<=[^/*])\/\*\*$/, "");
}
