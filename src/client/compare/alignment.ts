import { limits } from "./limits.ts";

/** One step of an alignment: the indexes of a pair, or of what only one side has. Steps come in order. */
export type AlignmentStep =
  | { readonly original: number; readonly local: number }
  | { readonly original: number }
  | { readonly local: number };

/** A sequence to align: elements with the same id are the same, with the same likeness of one kind or identity. */
export interface Aligned {
  readonly ids: readonly number[];
  /** Coarser than ids; pairs what differs. Undefined when there is nothing to go by but order. */
  readonly likeness?: readonly number[];
}

/**
 * Pairs two sequences so that one inserted element does not mark all behind it. Same elements pair first, then, in the
 * gaps between them, those that are alike, then by index. Symmetric: swapped inputs give the same steps swapped.
 * Takes at most `limits.alignmentSteps`; where two differ by more than `limits.alignmentEdits`, they pair by index.
 */
export function align(original: Aligned, local: Aligned): AlignmentStep[] {
  // Of several shortest edits any may be found first: a fixed order of the sides makes it the same one both ways.
  if (comesFirst(original.ids, local.ids)) return alignInOrder(original, local);
  return alignInOrder(local, original).map(swapped);
}

function alignInOrder(one: Aligned, other: Aligned): AlignmentStep[] {
  const steps: AlignmentStep[] = [];
  forGaps(one.ids, other.ids, (gap) => {
    if (gap.pair) return void steps.push({ original: gap.one, local: gap.other });
    const { likeness } = one;
    if (!likeness || !other.likeness || gap.oneEnd - gap.one === gap.otherEnd - gap.other)
      return pairByIndex(gap, steps);
    const alike = {
      one: likeness.slice(gap.one, gap.oneEnd),
      other: other.likeness.slice(gap.other, gap.otherEnd),
    };
    forGaps(alike.one, alike.other, (inner) => {
      if (inner.pair) steps.push({ original: gap.one + inner.one, local: gap.other + inner.other });
      else pairByIndex(shifted(inner, gap), steps);
    });
  });
  return steps;
}

interface Gap {
  readonly pair: boolean;
  readonly one: number;
  readonly oneEnd: number;
  readonly other: number;
  readonly otherEnd: number;
}

function shifted(inner: Gap, by: Gap): Gap {
  return {
    pair: false,
    one: inner.one + by.one,
    oneEnd: inner.oneEnd + by.one,
    other: inner.other + by.other,
    otherEnd: inner.otherEnd + by.other,
  };
}

function pairByIndex(gap: Gap, steps: AlignmentStep[]): void {
  let { one, other } = gap;
  while (one < gap.oneEnd && other < gap.otherEnd) steps.push({ original: one++, local: other++ });
  while (one < gap.oneEnd) steps.push({ original: one++ });
  while (other < gap.otherEnd) steps.push({ local: other++ });
}

function swapped(step: AlignmentStep): AlignmentStep {
  if ("original" in step && "local" in step) return { original: step.local, local: step.original };
  return "original" in step ? { local: step.original } : { original: step.local };
}

function comesFirst(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return one.length < other.length;
  const at = one.findIndex((id, index) => id !== other[index]);
  return at === -1 || (one[at] as number) <= (other[at] as number);
}

/** Calls `found` with every pair of equal ids and every gap between them, in order. */
function forGaps(one: readonly number[], other: readonly number[], found: (gap: Gap) => void): void {
  let head = 0;
  const shorter = Math.min(one.length, other.length);
  while (head < shorter && one[head] === other[head]) head++;
  let oneEnd = one.length;
  let otherEnd = other.length;
  while (oneEnd > head && otherEnd > head && one[oneEnd - 1] === other[otherEnd - 1]) {
    oneEnd--;
    otherEnd--;
  }
  const pair = (at: number, otherAt: number) =>
    found({ pair: true, one: at, oneEnd: at + 1, other: otherAt, otherEnd: otherAt + 1 });
  for (let at = 0; at < head; at++) pair(at, at);
  let done = { one: head, other: head };
  const gapTo = (at: number, otherAt: number) => {
    if (at > done.one || otherAt > done.other)
      found({ pair: false, one: done.one, oneEnd: at, other: done.other, otherEnd: otherAt });
  };
  for (const match of matches(one.slice(head, oneEnd), other.slice(head, otherEnd))) {
    gapTo(head + match.one, head + match.other);
    pair(head + match.one, head + match.other);
    done = { one: head + match.one + 1, other: head + match.other + 1 };
  }
  gapTo(oneEnd, otherEnd);
  for (let at = oneEnd; at < one.length; at++) pair(at, at - oneEnd + otherEnd);
}

/**
 * The pairs of a longest common subsequence, by the greedy method of Myers, "An O(ND) Difference Algorithm and Its
 * Variations" (1986). None when more edits are needed than the bounds allow.
 */
function matches(one: readonly number[], other: readonly number[]): { one: number; other: number }[] {
  if (one.length === 0 || other.length === 0) return [];
  const length = one.length + other.length;
  const edits = Math.min(length, limits.alignmentEdits, Math.floor(limits.alignmentSteps / length));
  // reach[k + edits]: how far into `one` the diagonal k = one - other has come with d edits.
  const reach = new Int32Array(2 * edits + 3);
  const origin = edits + 1;
  const history: Int32Array[] = [];
  for (let d = 0; d <= edits; d++) {
    history.push(reach.slice(origin - d - 1, origin + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(reach, origin + k - 1) < at(reach, origin + k + 1));
      let x = down ? at(reach, origin + k + 1) : at(reach, origin + k - 1) + 1;
      while (x < one.length && x - k < other.length && one[x] === other[x - k]) x++;
      reach[origin + k] = x;
      if (x >= one.length && x - k >= other.length) return traceBack(history, one.length, other.length);
    }
  }
  return [];
}

function traceBack(history: readonly Int32Array[], oneLength: number, otherLength: number) {
  const pairs: { one: number; other: number }[] = [];
  let x = oneLength;
  let y = otherLength;
  for (let d = history.length - 1; d >= 0; d--) {
    const reach = history[d] as Int32Array; // index 0 is the diagonal -d - 1
    const k = x - y;
    const origin = d + 1;
    const down = k === -d || (k !== d && at(reach, origin + k - 1) < at(reach, origin + k + 1));
    const fromX = d === 0 ? 0 : down ? at(reach, origin + k + 1) : at(reach, origin + k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY) pairs.push({ one: --x, other: --y });
    x = fromX;
    y = fromY;
  }
  return pairs.reverse();
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0;
}
