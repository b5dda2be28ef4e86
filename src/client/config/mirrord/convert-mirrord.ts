import type { ConfigProblem } from "../config-problem.ts";
import type { SourceText } from "../document/index.ts";
import type { ConfigFile } from "../find-config.ts";
import type { LoadOptions } from "../load-config.ts";
import { problemOf, sorted } from "../place-problems.ts";
import type { Config } from "../schema/index.ts";
import { keepTemplates } from "./keep-templates.ts";
import { optionsOf } from "./load-mirrord.ts";
import { readMirrord } from "./read-mirrord.ts";

/** A config of mirrord as one of ours that can take its place, or all that is wrong with it. */
export type ConvertedMirrord =
  | {
      readonly config: Config;
      readonly notices: readonly ConfigProblem[];
      /** Templates that have no counterpart, and were filled in by what they come to here. */
      readonly filled: readonly string[];
      readonly problems?: never;
    }
  | { readonly problems: readonly ConfigProblem[] };

/** Translates a file of mirrord; its templates stand as ours where that is the same for everybody. */
export async function convertMirrord(
  file: ConfigFile,
  { source, environment, names }: LoadOptions & { readonly source: SourceText },
): Promise<ConvertedMirrord> {
  const options = { ...optionsOf(file, { environment, names }), keyTemplate: "{{ user }}" };
  const read = await readMirrord(source, options);
  const told = (faults: typeof read.problems) =>
    sorted(faults.map((fault) => problemOf(source, fault, fault.field)));
  const { config } = read;
  if (config === undefined) return { problems: told(read.problems) };
  const kept = await keepTemplates(source, { read: { ...read, config }, options });
  return { ...kept, notices: told(read.notices) };
}
