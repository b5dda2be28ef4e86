import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const source = (name: string): string => fileURLToPath(new URL(`sources/${name}`, import.meta.url));

/** The folder of the compiled programs. Disposing it removes it. */
export interface Built extends Disposable {
  readonly folder: string;
}

/** Compiles the programs of `sources`: static C twice, with glibc and with musl, Go without cgo, and Java. */
export async function buildPrograms(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), "magpie-matrix-"));
  // An ordinary user runs them, too.
  chmodSync(folder, 0o755);
  const to = (name: string): string => join(folder, name);
  const goCache = { GOCACHE: to("go-cache"), CGO_ENABLED: "0", GO111MODULE: "off" };
  await Promise.all([
    execute("gcc", ["-static", "-w", "-o", to("probe-static"), source("probe.c")]),
    execute("musl-gcc", ["-static", "-w", "-o", to("probe-musl"), source("probe.c")]),
    execute("go", ["build", "-o", to("probe-go"), source("probe.go")], {
      env: { ...process.env, ...goCache },
    }),
    execute("javac", ["-d", folder, source("Probe.java")]),
  ]);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
