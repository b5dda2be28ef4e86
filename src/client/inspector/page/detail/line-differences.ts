/** A line of two texts side by side: of both, or of one only. */
export interface DifferenceLine {
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** Longer texts are not compared line by line. */
const MOST_LINES = 4_000;
/** So many differing lines are looked for; beyond them the rest is taken as another. */
const MOST_EDITS = 1_000;

/**
 * The shortest way from one text to the other by lines (E. Myers, "An O(ND) Difference Algorithm", 1986). Lines that were
 * replaced stand side by side. Undefined when there are too many lines.
 */
export function lineDifferences(
  left: readonly string[],
  right: readonly string[],
): DifferenceLine[] | undefined {
  if (left.length > MOST_LINES || right.length > MOST_LINES) return undefined;
  let begin = 0;
  while (begin < left.length && begin < right.length && left[begin] === right[begin]) begin++;
  let end = 0;
  while (end < left.length - begin && end < right.length - begin && left.at(-1 - end) === right.at(-1 - end))
    end++;
  const middle = steps(left.slice(begin, left.length - end), right.slice(begin, right.length - end));
  const same = (line: string): DifferenceLine => ({ left: line, right: line });
  return [
    ...left.slice(0, begin).map(same),
    ...sideBySide(middle),
    ...left.slice(left.length - end).map(same),
  ];
}

/** Lines in order, each of one side or of both. */
function steps(left: readonly string[], right: readonly string[]): DifferenceLine[] {
  const most = Math.min(left.length + right.length, MOST_EDITS);
  const trace: Int32Array[] = [];
  const offset = most + 1;
  let reach = new Int32Array(2 * most + 3);
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && at(reach, offset + k - 1) < at(reach, offset + k + 1));
      let x = down ? at(reach, offset + k + 1) : at(reach, offset + k - 1) + 1;
      while (x < left.length && x - k < right.length && left[x] === right[x - k]) x++;
      reach[offset + k] = x;
      if (x >= left.length && x - k >= right.length) return back(left, right, trace, offset);
    }
    reach = reach.slice();
  }
  return [
    ...left.map((line) => ({ left: line, right: undefined })),
    ...right.map((line) => ({ left: undefined, right: line })),
  ];
}

function back(
  left: readonly string[],
  right: readonly string[],
  trace: readonly Int32Array[],
  offset: number,
): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  let x = left.length;
  let y = right.length;
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits] as Int32Array;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(reach, offset + k - 1) < at(reach, offset + k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : at(reach, offset + fromK);
    const fromY = edits === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      lines.push({ left: left[x], right: right[y] });
    }
    if (edits === 0) break;
    if (down) lines.push({ left: undefined, right: right[--y] });
    else lines.push({ left: left[--x], right: undefined });
  }
  return lines.toReversed();
}

/** Puts what was taken away beside what came in its place. */
function sideBySide(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const placed: DifferenceLine[] = [];
  let lefts: string[] = [];
  let rights: string[] = [];
  const flush = (): void => {
    for (let index = 0; index < Math.max(lefts.length, rights.length); index++)
      placed.push({ left: lefts[index], right: rights[index] });
    lefts = [];
    rights = [];
  };
  for (const line of lines) {
    if (line.left !== undefined && line.right !== undefined) {
      flush();
      placed.push(line);
    } else if (line.left !== undefined) lefts.push(line.left);
    else if (line.right !== undefined) rights.push(line.right);
  }
  flush();
  return placed;
}

const at = (reach: Int32Array, index: number): number => reach[index] ?? 0;
