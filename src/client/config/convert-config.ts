import type { ConfigProblem } from "./config-problem.ts";
import { plainValue, readDocument } from "./document/index.ts";
import type { ConfigFile } from "./find-config.ts";
import { loadConfig, type LoadOptions } from "./load-config.ts";
import { isMirrords } from "./mirrord/is-mirrords.ts";
import { readSource } from "./read-source.ts";

/** A config of ours that says what a file says, its templates as they stand. */
export interface ConvertedConfig {
  readonly config: object;
  /** What becomes of fields that have no counterpart. */
  readonly notices: readonly ConfigProblem[];
  /** Templates that were filled in, since ours cannot say them. */
  readonly filled: readonly string[];
  readonly problems?: never;
}

/** Reads a file, of ours or of mirrord, to be written anew; or gives all that is wrong with it. */
export async function convertConfig(
  file: ConfigFile,
  options: LoadOptions,
): Promise<ConvertedConfig | { readonly problems: readonly ConfigProblem[] }> {
  const read = readSource(file);
  if ("problem" in read) return { problems: [read.problem] };
  const { source } = read;
  if (isMirrords(file, source.text)) {
    const { convertMirrord } = await import("./mirrord/convert-mirrord.ts");
    return await convertMirrord(file, { source, ...options });
  }
  const { problems } = await loadConfig(file, options);
  if (problems !== undefined) return { problems };
  const { root } = await readDocument(file.path, source.text);
  const value = root === undefined ? {} : plainValue(root);
  return { config: typeof value === "object" && value !== null ? value : {}, notices: [], filled: [] };
}
