import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as koffi from "koffi";

/** What koffi's own entry would give, which is declared as its default export. */
type Koffi = typeof koffi.default;

/**
 * koffi, the only way to the C library. Its own entry asks where it is and which C library there is, and that takes 8 ms in
 * each of our threads and processes, of which the library itself takes 2 (2026-11-30): where npm has put the library of this
 * platform is known. Elsewhere, or with another C library, its own entry is taken.
 */
export default (loadLibrary() ?? loadPackage()) as Koffi;

function loadLibrary(): unknown {
  const { arch } = process;
  const at = `../../node_modules/@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`;
  const file = fileURLToPath(new URL(at, import.meta.url));
  if (!existsSync(file) || !runsOnGlibc()) return undefined;
  const library: { exports: unknown } = { exports: {} };
  process.dlopen(library, file);
  return library.exports;
}

function loadPackage(): unknown {
  // Not by an import, which would be made before it is known whether it is needed.
  return createRequire(import.meta.url)("koffi");
}

/** Where another C library serves this process, the library would fail to load, or worse. */
function runsOnGlibc(): boolean {
  try {
    return readFileSync("/proc/self/maps", "latin1").includes("/libc.so.6");
  } catch {
    return false; // koffi has its own way to know.
  }
}
