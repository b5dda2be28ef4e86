/**
 * Lays rows out in columns, as wide as their widest cell; the last one is as long as it is. A column in which no row says
 * anything is left out, its title too. Cells are printable text without colours.
 */
export function tableLines(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const columns = titles.map((_title, column) => column).filter((column) => rows.some((row) => row[column]));
  const widths = new Map(
    columns.map((column) => [
      column,
      Math.max(...[titles, ...rows].map((row) => (row[column] ?? "").length)),
    ]),
  );
  return [titles, ...rows].map((row) =>
    columns
      .map((column) => (row[column] ?? "").padEnd(widths.get(column) ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
