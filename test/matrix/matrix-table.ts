import { features } from "./cell.ts";
import type { Result, SandboxMode } from "./run-cell.ts";

/** One program, and what came of it in each mode, by the order of `features`. */
export interface Row {
  readonly name: string;
  readonly results: ReadonlyMap<SandboxMode, readonly Result[]>;
}

const signs = { works: "✓", fails: "✗", cannot: "–" } as const;

/** The table in Markdown: a column for each feature, with a sign for each mode. */
export function matrixTable(rows: readonly Row[], modes: readonly SandboxMode[]): string {
  const head = ["program", ...features];
  const lines = rows.map(({ name, results }) => [
    name,
    ...features.map((_, index) => modes.map((mode) => sign(results.get(mode)?.[index])).join(" ")),
  ]);
  const text = [head, head.map(() => "-"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `${text}\n\n✓ works, ✗ fails, – the program has no such thing; first in ${modes.join(" mode, then in ")} mode.\n`;
}

function sign(result: Result | undefined): string {
  return result === undefined ? "?" : signs[result.outcome];
}
