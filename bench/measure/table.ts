import { type Goal, isMet } from "./goal.ts";
import type { Spread } from "./spread.ts";

/** A table in Markdown, its columns as wide as their widest cell, so that the source reads like the page. */
export function table(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...lines].map((line) => (line[column] ?? "").length)),
  );
  const row = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [row(header), row(widths.map((width) => "-".repeat(width))), ...lines.map(row)].join("\n");
}

/** `12.3 (11.9–14.0)` */
export function ranged(value: Spread | undefined, digits: number): string {
  if (!value) return "–";
  const { median, min, max } = value;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** The goals with what was measured and whether that is enough. */
export function goalTable(goals: readonly Goal[]): string {
  const lines = goals.map((goal) => {
    const { text, unit, limit, direction, measured } = goal;
    const met = isMet(goal);
    const shown = (value: number): string =>
      Number.isNaN(value) ? "–" : `${Number(value.toFixed(2))}${unit}`;
    const verdict = met === undefined ? "not measured" : met ? "met" : "missed";
    return [text, `${direction} ${shown(limit)}`, measured === undefined ? "–" : shown(measured), verdict];
  });
  return table(["goal", "limit", "median", "result"], lines);
}
