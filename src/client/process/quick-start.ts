import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** What Node is to do first in a thread or process of ours, so that it does not look for files that are where they say. */
const resolveOwnFiles = new URL("../../resolve-own-files.js", import.meta.url).href;

/** Flags of Node for threads and processes of ours that run our own sources. */
export const quickStartFlags: readonly string[] = ["--import", resolveOwnFiles];

/** Variables by which Node keeps what it has compiled in such a thread or process where this one does; none where it does not. */
export function compileCacheVariables(): { readonly NODE_COMPILE_CACHE?: string } {
  // The folder that Node was given; below it is one for each version.
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
