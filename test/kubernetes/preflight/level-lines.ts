import type { Finding } from "../../../src/kubernetes/index.ts";

/** Findings as `level id: what`, one a line. */
export function levelLines(findings: readonly Finding[]): string {
  return findings.map(({ level, id, what }) => `${level} ${id}: ${what}`).join("\n");
}
