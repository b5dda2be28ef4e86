import { align, type AlignmentStep } from "./alignment.ts";
import type { ComparingTools, Pair } from "./comparing-tools.ts";
import { presenceKind } from "./difference-list.ts";
import { firstDifference } from "./excerpt.ts";
import { Interner } from "./interner.ts";
import { limits } from "./limits.ts";

/** Whether a text is within `limits.lines`. Counts without cutting it up. */
export function hasFewLines(text: string): boolean {
  let at = -1;
  for (let count = 1; count <= limits.lines; count++) {
    at = text.indexOf("\n", at + 1);
    if (at === -1) return true;
  }
  return false;
}

/**
 * Compares two texts line by line. A line ends at LF; a CR before it belongs to the line. An inserted line is one
 * difference. Both must have few lines.
 */
export function compareLines(texts: Pair<string>, tools: ComparingTools): void {
  const originals = texts.original.split("\n");
  const locals = texts.local.split("\n");
  const ids = new Interner();
  const sequence = (lines: readonly string[]) => ({ ids: lines.map((line) => lineId(line, ids, tools)) });
  // The order of numbering decides between equally short alignments: it must be the same in both directions.
  const inOrder = texts.original <= texts.local;
  const first = sequence(inOrder ? originals : locals);
  const second = sequence(inOrder ? locals : originals);
  for (const step of align(inOrder ? first : second, inOrder ? second : first)) {
    if (tools.list.isFull) return;
    addLine(step, { original: originals, local: locals }, tools);
  }
}

/** Lines that a rule hides by their text are one to the alignment, or a clock would tear every hunk apart. */
function lineId(line: string, ids: Interner, tools: ComparingTools): number {
  const rule = tools.rules.looksAtLines ? tools.rules.lineText(line) : undefined;
  return ids.id(rule ? `rule ${rule.text}` : `line ${line}`);
}

function addLine(step: AlignmentStep, lines: Pair<readonly string[]>, tools: ComparingTools): void {
  const at = "original" in step ? step.original : undefined;
  const localAt = "local" in step ? step.local : undefined;
  const [original, local] = [lines.original[at ?? -1], lines.local[localAt ?? -1]];
  if (original === local) return;
  const line = ((at ?? localAt) as number) + 1; // a step has at least one of them
  const texts = [original, local].filter((text) => text !== undefined);
  const differsAt = original !== undefined && local !== undefined ? firstDifference(original, local) : 0;
  tools.list.add({
    kind: presenceKind(original, local),
    place: { at: "line", line },
    ...(localAt !== undefined && localAt + 1 !== line
      ? { localPlace: { at: "line", line: localAt + 1 } }
      : {}),
    original: original === undefined ? undefined : () => tools.secrets.text(original, differsAt),
    local: local === undefined ? undefined : () => tools.secrets.text(local, differsAt),
    rule: tools.rules.line(line, texts),
    lines: texts,
  });
}
