/** "Did you mean …?" for the nearest known word, or a list of all when none is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance)[0];
  if (near !== undefined && near.distance <= Math.max(1, Math.floor(near.candidate.length / 3))) {
    return `Did you mean ${near.candidate}?`;
  }
  return `Known here: ${known.join(", ")}.`;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Long words are not compared. */
function distance(one: string, other: string): number {
  if (one.length > 32 || other.length > 32) return Infinity;
  const rows = Array.from({ length: one.length + 1 }, (_, row) => [row]);
  const cell = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let column = 1; column <= other.length; column++) (rows[0] as number[])[column] = column;
  for (let row = 1; row <= one.length; row++) {
    for (let column = 1; column <= other.length; column++) {
      const cost = one[row - 1] === other[column - 1] ? 0 : 1;
      let least = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + cost,
      );
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) least = Math.min(least, cell(row - 2, column - 2) + 1);
      (rows[row] as number[])[column] = least;
    }
  }
  return cell(one.length, other.length);
}
