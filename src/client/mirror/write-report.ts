import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import type { SummaryReport } from "../compare/index.ts";

/** Writes the report in one step: whoever reads the file finds the old one or the new one, whole. @throws system errors */
export async function writeReport(path: string, report: SummaryReport): Promise<void> {
  const next = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(next, `${JSON.stringify(report, undefined, 2)}\n`, { flag: "wx" });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
