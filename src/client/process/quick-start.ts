import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** So that Node does not look for files that are where they say. */
const resolveOwnFiles = new URL("../../resolve-own-files.js", import.meta.url).href;

/** Flags of Node for a thread or process of ours that runs this module: in a bundle there is nothing to be looked for. */
export function quickStartFlags(module: URL): string[] {
  return module.pathname.endsWith(".ts") ? ["--import", resolveOwnFiles] : [];
}

/** Variables by which Node keeps what it has compiled in such a thread or process where this one does; none where it does not. */
export function compileCacheVariables(): { readonly NODE_COMPILE_CACHE?: string } {
  // The folder that Node was given; below it is one for each version.
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
