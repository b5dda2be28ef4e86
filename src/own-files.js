// Plain JavaScript, for the launchers, which must be readable to an old Node.
import { readFileSync, statSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Gives the bundle of a program's sources, as a URL to import (of the inspector's page: its first file), when there is one and it was made of just these sources: each
 * is as long and as old as it was then. Undefined otherwise, and where MAGPIE_FROM_SOURCES is set. See bundle.mjs.
 * @param {"client" | "agent" | "inspector"} program
 */
export function bundleOf(program) {
  if (process.env.MAGPIE_FROM_SOURCES) return undefined;
  const root = new URL("../", import.meta.url);
  try {
    const folder = fileURLToPath(root);
    const { main, sources } = JSON.parse(readFileSync(`${folder}dist/${program}.json`, "utf8"));
    for (const path in sources) {
      const now = statSync(folder + path);
      const [size, mtimeMs] = sources[path];
      if (now.size !== size || now.mtimeMs !== mtimeMs) return undefined;
    }
    return new URL(`dist/${main}`, root).href;
  } catch {
    // None was made, or a source is gone.
    return undefined;
  }
}

/**
 * Tells Node where our own files are. For each import Node looks for the file, for links on the way, for the package around it
 * and for its kind: a third of the time of a start with 600 files (2026-11-30, a loop of imports). Ours name whole files, so
 * that nothing is to be looked for; one that is not there is told when it is read.
 */
export function resolveOwnFiles() {
  module.registerHooks?.({
    resolve(specifier, context, next) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".ts")) return next(specifier, context);
      const url = new URL(specifier, context.parentURL).href;
      return { url, format: "module-typescript", shortCircuit: true };
    },
  });
}
