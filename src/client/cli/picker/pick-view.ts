import { cutToWidth, widthOf } from "../../text/fit-width.ts";
import { type Paint, printable } from "../../text/paint.ts";
import type { PickItem } from "./pick-list.ts";

/** What is to be seen of a choice. */
export interface PickState {
  readonly question: string;
  readonly typed: string;
  readonly items: readonly PickItem[];
  /** The index of the one that Enter takes. */
  readonly active: number;
  readonly busy: readonly string[];
  readonly notes: readonly string[];
  /** Keys with what they do, beside those that every choice has. */
  readonly keys: readonly string[];
  readonly columns: number;
  readonly rows: number;
}

/** More are seen by moving on. */
const maxShown = 14;

/** A screen of text: the question with what was typed, the part of the list around the active item, and help. */
export function pickView(
  state: PickState,
  paint: Paint,
): { readonly question: string; readonly list: string } {
  const { items, active, columns } = state;
  // The last column stays free, else a terminal may begin a new line.
  const free = Math.max(8, columns - 1);
  const shown = Math.max(1, Math.min(maxShown, state.rows - 5, items.length));
  const first = Math.max(0, Math.min(active - Math.floor(shown / 2), items.length - shown));
  const page = items.slice(first, first + shown);
  const lines = table(page, free - 2).map((text, index) => {
    const isActive = first + index === active;
    const mark = isActive ? paint("cyan", "❯") : " ";
    const dim = page[index]?.isDim === true;
    return `${mark} ${isActive ? paint(["cyan", "bold"], text) : dim ? paint("dim", text) : text}`;
  });
  if (items.length === 0)
    lines.push(paint("dim", cutToWidth(`  ${state.busy.length > 0 ? "looking …" : nothing(state)}`, free)));
  const help = ["↑↓ move", "type to filter", "Enter takes", "Esc leaves", ...state.keys].join(" · ");
  const counts = items.length > shown ? [`${first + 1}–${first + shown} of ${items.length}`] : [];
  const asked = state.busy.map((whom) => `asking ${whom} …`);
  const status = [...counts, ...asked].join(" · ");
  const below = [
    ...(status === "" ? [] : [paint("dim", cutToWidth(`  ${status}`, free))]),
    ...state.notes.map((note) => paint("yellow", cutToWidth(`  ${printable(note)}`, free))),
    paint("dim", cutToWidth(`  ${help}`, free)),
  ];
  const question = `${paint("green", "?")} ${paint("bold", cutToWidth(state.question, free - 4))} ${state.typed}`;
  return { question, list: [...lines, ...below].join("\n") };
}

function nothing({ typed }: PickState): string {
  return typed === "" ? "nothing is there" : "nothing fits what you typed";
}

/** In columns, as wide as their widest cell, and no line wider than there is room. */
function table(items: readonly PickItem[], columns: number): string[] {
  const rows = items.map(({ value, about }) => [value, ...about].map(printable));
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return width === 0 ? "" : `${cell}${" ".repeat(width - widthOf(cell) + 2)}`;
    });
    return cutToWidth(cells.join("").trimEnd(), columns);
  });
}
