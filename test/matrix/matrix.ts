/**
 * `npm run matrix`: real programs under `magpie exec`, each feature, both sandboxes, against a pod that has what this machine
 * has not. Prints the table that the README keeps, and ends with 1 when a cell fails.
 *
 * `--program <name>`, `--sandbox <mode>` look at a part; `--readme` writes the table into the README.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Shop } from "../fixtures/shop.ts";
import { buildPrograms } from "./build-programs.ts";
import { features, pod, type Program } from "./cell.ts";
import { matrixTable, type Row } from "./matrix-table.ts";
import { programs } from "./programs.ts";
import { type Result, runCell, type SandboxMode } from "./run-cell.ts";

const { values } = parseArgs({
  options: { program: { type: "string" }, sandbox: { type: "string" }, readme: { type: "boolean" } },
});
const modes = (["namespace", "seccomp"] as const).filter((mode) => (values.sandbox ?? mode) === mode);
const readme = fileURLToPath(new URL("../../README.md", import.meta.url));

using built = await buildPrograms();
await using runtimeDirectory = await RuntimeDirectory.create();
await using shop = await Shop.open({
  label: "matrix",
  files: {
    [pod.script]: `return "${pod.greeting}"\n`,
    [pod.addresses]: `http://${pod.service.name}/items\n`,
  },
});
const echo = await shop
  .pod("stock")
  .start([process.execPath, fileURLToPath(new URL("echo.ts", import.meta.url)), pod.echo.port]);
await echo.line(/^listening/);

const rows: Row[] = [];
const failures: string[] = [];
for (const program of programs(built.folder).filter(({ name }) => (values.program ?? name) === name)) {
  const results = new Map<SandboxMode, Result[]>();
  for (const mode of modes) results.set(mode, await cellsOf(program, mode));
  rows.push({ name: program.name, results });
}
const table = matrixTable(rows, modes);
process.stdout.write(`\n${table}\n`);
for (const failure of failures) process.stdout.write(`\n${failure}\n`);
process.stdout.write(`\n${failures.length === 0 ? "every cell works" : `${failures.length} cells fail`}\n`);
if (values.readme === true) keep(table);
process.exitCode = failures.length === 0 ? 0 : 1;

async function cellsOf(program: Program, sandbox: SandboxMode): Promise<Result[]> {
  const results: Result[] = [];
  for (const feature of features) {
    const result = await runCell(program.cells[feature], { feature, sandbox, shop, runtimeDirectory });
    if (result.outcome === "fails") failures.push(`${program.name}, ${feature}, ${sandbox}: ${result.why}`);
    results.push(result);
  }
  process.stderr.write(`${program.name}, ${sandbox}: ${results.map(({ outcome }) => outcome).join(" ")}\n`);
  return results;
}

/** The README holds the table between two marks. */
function keep(table: string): void {
  const text = readFileSync(readme, "utf8");
  const kept = text.replace(/(<!-- matrix -->\n)[^]*?(<!-- \/matrix -->)/, `$1\n${table}\n$2`);
  writeFileSync(readme, kept);
}
