import { fitsGlob } from "../../../text/glob.ts";
import type { Config } from "../../schema/index.ts";
import { globsOfPattern } from "../globs-of-pattern.ts";
import type { MirrordEnvironment } from "../shape/feature.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";
import { listOf } from "./list-of.ts";

const at: MirrordPath = ["feature", "env"];

/** What mirrord hides for `feature.magic.aws`, so that the pod's own identity counts. */
const awsNames = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"];

type Environment = NonNullable<Config["environment"]>;

/** `feature.env`. */
export function environmentOf(config: MirrordConfig, report: TranslationReport): Environment {
  const written = config.feature?.env;
  if (written === false) return { mode: "local" };
  const env: MirrordEnvironment = typeof written === "object" ? written : {};
  const names = namesOf(env, report);
  const map = mappingOf(env.mapping ?? {}, report);
  const unset = [
    ...listOf(env.unset ?? [])
      .flatMap(split)
      .flatMap(bothCases),
    ...(config.feature?.magic?.aws === true ? awsNames : []),
  ];
  return {
    ...names,
    ...(Object.keys(map).length > 0 && { map }),
    ...(env.env_file !== undefined && { envFile: env.env_file }),
    ...(env.override !== undefined && { override: env.override }),
    ...(unset.length > 0 && { unset: [...new Set(unset)] }),
  };
}

/** mirrord unsets a name in whatever case; one that is written in small letters is mostly there in capitals. */
function bothCases(name: string): string[] {
  return [name, name.toUpperCase()];
}

function split(names: string): string[] {
  return names
    .split(";")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** `include` alone leaves all others out; here it takes them beside what is there anyway. */
function namesOf(
  env: MirrordEnvironment,
  report: TranslationReport,
): Pick<Environment, "include" | "exclude"> {
  const read = (key: "include" | "exclude") => {
    const names = listOf(env[key] ?? []).flatMap(split);
    const wide = names.filter((name) => name.includes("?"));
    if (wide.length > 0)
      report.notice([...at, key], `? is read as *, which is any run of characters: ${wide.join(", ")}`);
    return names.map((name) => name.replaceAll("?", "*"));
  };
  const [include, exclude] = [read("include"), read("exclude")];
  if (env.include === undefined || include.includes("*"))
    return exclude.length > 0 ? { exclude: exclude.length === 1 ? one(exclude) : exclude } : {};
  const left = exclude.filter((name) =>
    include.some((other) => fitsGlob(other, name) || fitsGlob(name, other)),
  );
  const kept = include.filter((name) => !left.some((other) => fitsGlob(other, name)));
  const unclear = left.filter((name) => kept.some((other) => fitsGlob(other, name)));
  if (unclear.length > 0)
    report.problem([...at, "exclude"], `${unclear.join(", ")} is excluded and included as well`, {
      hint: "What is included counts more here: write into include only what is to be there.",
    });
  return { exclude: "*", ...(kept.length > 0 && { include: kept.length === 1 ? one(kept) : kept }) };
}

function one(names: readonly string[]): string {
  return names[0] ?? "";
}

function mappingOf(
  mapping: Readonly<Record<string, string>>,
  report: TranslationReport,
): Record<string, string> {
  const map: Record<string, string> = {};
  for (const [pattern, value] of Object.entries(mapping)) {
    const path = [...at, "mapping", pattern];
    const found = globsOfPattern(pattern, { any: "*", inName: "*" });
    if (found === undefined) {
      report.problem(path, "this pattern of names cannot be said with *", {
        hint: 'Write several that can, like "DB_.*_TIMEOUT".',
      });
      continue;
    }
    if (/\$(?:\{?\w+\}?)/.test(value))
      report.problem(path, "its value has a piece of the name in it ($…), which is not filled in here", {
        hint: "Write each name with its value into override.",
      });
    if (found.isWider)
      report.notice(path, `read as ${found.globs.join(" and ")}, which fit more than the pattern`);
    for (const glob of found.globs) map[glob] = value;
  }
  return map;
}
