import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ComparisonSummary } from "../../../src/client/compare/index.ts";
import { writeReport } from "../../../src/client/mirror/write-report.ts";

void t.test("a report replaces the one before in one step and leaves nothing else behind", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "magpie-report-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "diff.json");
  writeFileSync(path, "an old one");
  const report = new ComparisonSummary().report();
  await writeReport(path, report);
  t.same(JSON.parse(readFileSync(path, "utf8")), report);
  t.same(readdirSync(directory), ["diff.json"]);
  await t.rejects(writeReport(directory, report), { code: "EISDIR" });
  t.same(readdirSync(directory), ["diff.json"]);
});
