import { decisionLines } from "../cli/actions/decision-lines.ts";
import type { Paint } from "../text/paint.ts";
import { cutTo, fit, harmless, widthOf } from "./cell-width.ts";
import { type Column, columnsFor, widthsOf } from "./columns.ts";
import { curlCommand } from "./curl-command.ts";
import type { Row } from "./row-store.ts";
import type { WatchModel } from "./watch-model.ts";
import { wrapStyled } from "./wrap-styled.ts";

/** A screen, in cells. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a screen shows: as many lines as it has, none wider than it is; and where a cursor is to be seen. */
export interface Screen {
  readonly lines: readonly string[];
  readonly cursor: { readonly column: number; readonly row: number } | undefined;
}

/** How to colour: the 16 colours of the terminal alone, which its owner has chosen for his background. */
export interface Look {
  readonly paint: Paint;
  /** Whether the selected line may be turned round. */
  readonly inverts: boolean;
}

const listFrame = 3;
const textFrame = 2;

/** How many lines of a page there are on a screen. */
export function pageRowsOf(model: WatchModel, { rows }: ScreenSize): number {
  return Math.max(1, rows - (model.mode.at === "list" ? listFrame : textFrame));
}

/** What the screen looks like. Nothing that somebody else has said can move its cursor or change its colours. */
export function screenLines(model: WatchModel, size: ScreenSize, look: Look): Screen {
  const { columns, rows } = size;
  if (columns < 20 || rows < 5) {
    const small = Array.from({ length: Math.max(1, rows) }, (_, row) =>
      row === 0 ? cutTo("too small", columns) : "",
    );
    return { lines: small, cursor: undefined };
  }
  const body = model.mode.at === "list" ? listLines(model, size, look) : textLines(model, size, look);
  const foot = footLine(model, columns, look);
  return { lines: [titleLine(model, columns, look), ...body, foot.line], cursor: cursorOf(foot, rows) };
}

function cursorOf({ column }: { column: number | undefined }, rows: number): Screen["cursor"] {
  return column === undefined ? undefined : { column, row: rows - 1 };
}

function titleLine(model: WatchModel, width: number, { paint }: Look): string {
  const { connection, rows } = model;
  const { there, all, missing, why } = connection;
  const state =
    all > 0 && there === all
      ? model.isPaused
        ? { text: `paused, ${model.waiting} newer`, style: "yellow" as const }
        : { text: model.isFollowing ? "live" : "live, not following", style: "green" as const }
      : there > 0
        ? { text: `${there} of ${all} connected`, style: "yellow" as const }
        : {
            text: why === undefined ? "connecting" : `not connected, trying again: ${why}`,
            style: "red" as const,
          };
  const counts = [
    `${model.visibleCount} of ${rows.next - rows.first}`,
    ...(model.isFiltering ? ["filtering"] : []),
    ...(model.maybe > 0 ? [`${model.maybe} more may fit: their fields are not shown to you`] : []),
    ...(missing > 0 ? [`${missing} not told`] : []),
    ...(rows.dropped > 0 ? [`${rows.dropped} dropped`] : []),
  ].join(", ");
  const parts: [string, Parameters<Paint>[0]][] = [
    [`magpie watch ${harmless(model.label)}`, "bold"],
    [harmless(state.text), state.style],
    [counts, "dim"],
  ];
  return joined(parts, width, paint);
}

/** As many of them as there is room for, each cut where it must be. */
function joined(
  parts: readonly (readonly [text: string, style: Parameters<Paint>[0]])[],
  width: number,
  paint: Paint,
): string {
  let left = width;
  let line = "";
  for (const [index, [text, style]] of parts.entries()) {
    const between = index === 0 ? "" : "  ";
    const cut = cutTo(text, left - between.length);
    if (cut === "") break;
    line += between + paint(style, cut);
    left -= between.length + widthOf(cut);
  }
  return line;
}

function listLines(model: WatchModel, { columns: width, rows }: ScreenSize, look: Look): string[] {
  const { paint } = look;
  const hasMembers = model.connection.all > 1;
  // The first cell says which row is selected, without colours, too.
  const columns = columnsFor(width, hasMembers);
  const widths = widthsOf(columns, width - 1);
  const titles = columns.map(({ title, align }, index) => fit(title, widths[index] ?? 0, align)).join(" ");
  const height = rows - listFrame;
  const selected = model.selectedPlace;
  const count = model.visibleCount;
  // The selected one is in the middle where there is room on both sides, and the newest at the bottom.
  const top = model.isFollowing
    ? Math.max(0, count - height)
    : Math.max(0, Math.min(selected - (height >> 1), count - height));
  const lines = Array.from({ length: height }, (_, index) => {
    const place = top + index;
    const number = place < count ? model.shown.at(place) : undefined;
    const row = number === undefined ? undefined : model.rows.get(number);
    if (row === undefined) return "";
    return rowLine(row, { columns, widths, isSelected: place === selected, look });
  });
  if (count === 0) lines[0] = paint("dim", cutTo(` ${emptyText(model)}`, width));
  return [paint(["bold", "underline"], ` ${titles}`), ...lines];
}

function emptyText(model: WatchModel): string {
  if (model.rows.next > 0) return model.isFiltering ? "filtering" : "no request fits; / changes the filter";
  if (model.connection.there > 0) return "no request has been decided yet";
  return "waiting for a session: start magpie steal, mirror or exec";
}

function rowLine(
  row: Row,
  about: {
    readonly columns: readonly Column[];
    readonly widths: readonly number[];
    readonly isSelected: boolean;
    readonly look: Look;
  },
): string {
  const { columns, widths, isSelected, look } = about;
  const isTurned = isSelected && look.inverts;
  const cells = columns.map(({ cell, align }, index) => {
    const { text, colour } = cell(row);
    const fitted = fit(harmless(text), widths[index] ?? 0, align);
    return colour === undefined || isTurned ? fitted : look.paint(colour, fitted);
  });
  const line = `${isSelected ? ">" : " "}${cells.join(" ")}`;
  return isTurned ? look.paint("inverse", line) : line.trimEnd();
}

function textLines(model: WatchModel, { columns, rows }: ScreenSize, look: Look): string[] {
  const height = rows - textFrame;
  const text = textOf(model, look).flatMap((line) => wrapStyled(line, columns));
  const { mode } = model;
  model.boundScroll(Math.max(0, text.length - height));
  const scroll = mode.at === "list" ? 0 : Math.max(0, Math.min(mode.scroll, text.length - height));
  return Array.from({ length: height }, (_, index) => text[scroll + index] ?? "");
}

function textOf(model: WatchModel, { paint }: Look): string[] {
  const { mode } = model;
  if (mode.at === "help") return helpLines(paint);
  if (mode.at === "list") return [];
  const row = model.rows.get(mode.number);
  if (row === undefined) return ["", paint("yellow", "it is not kept any more")];
  if (mode.at === "curl") {
    const command = curlCommand(row);
    return [
      ...["", paint("bold", "as curl"), ""],
      harmless(command ?? "it was not read as a request"),
      ...[
        "",
        paint(
          "dim",
          "Its body is not told; fields only to the session that had it, secrets by --show-secrets.",
        ),
      ],
    ];
  }
  return detailLines(row, paint);
}

function detailLines(row: Row, paint: Paint): string[] {
  const id = row.member === undefined ? row.requestId : `${row.member}/${row.requestId}`;
  const lines = decisionLines({ ...row, requestId: id }, paint);
  if (row.clausesForgotten === true)
    lines.push(paint("dim", "  its clauses are not kept any more: only those of the latest 4,096 are"));
  if (row.head === null && row.method !== "")
    lines.push(paint("dim", "  values of its fields are shown to the session that had it only"));
  return ["", ...lines];
}

function helpLines(paint: Paint): string[] {
  const keys: readonly (readonly [string, string])[] = [
    ["↑ ↓  k j", "one request up or down; following stops"],
    ["PgUp PgDn  b space", "one page up or down"],
    ["Home End  g G", "to the oldest; to the newest, and follow again"],
    ["Enter", "one request: why, clause by clause, fields, copies, failure; ← → its neighbours"],
    ["/", 'filter, in the language of --filter: path ^= "/api" and method == POST'],
    ["s", "only stolen ones, or all"],
    ["p", "pause: the list stands still, what comes is kept"],
    ["c  C", "copy as curl (OSC 52); show it"],
    ["Ctrl-L  Ctrl-Z", "draw anew; suspend"],
    ["q  Esc  Ctrl-C", "quit; Esc leaves a request or the filter first"],
  ];
  return [
    "",
    ...keys.map(([key, what]) => `  ${paint("bold", fit(key, 20))} ${what}`),
    "",
    "  ANSWERED BY is a session's name or the app; +name has had a copy. In a narrow window S is stolen, M mirrored.",
  ];
}

function footLine(
  model: WatchModel,
  width: number,
  { paint }: Look,
): { readonly line: string; readonly column: number | undefined } {
  const { filterLine, filter, message } = model;
  if (filterLine !== undefined) return typedLine(filterLine, width, paint);
  if (message !== undefined)
    return { line: paint("yellow", cutTo(harmless(message), width)), column: undefined };
  const active = [
    ...(filter.onlyStolen ? ["only stolen"] : []),
    ...(filter.text.trim() === "" ? [] : [`filter: ${harmless(filter.text)}`]),
  ].join(", ");
  const keys =
    model.mode.at === "list"
      ? "? help  / filter  Enter details  s stolen  p pause  c curl  q quit"
      : "Esc back  ← → neighbours  c curl  q quit";
  const parts: [string, Parameters<Paint>[0]][] = [];
  if (active !== "") parts.push([active, "cyan"]);
  parts.push([keys, "dim"]);
  return { line: joined(parts, width, paint), column: undefined };
}

/** The end of the filter that is typed up to its cursor at least, then what is wrong with it. */
function typedLine(
  { text, cursor, problem }: { text: string; cursor: number; problem: string | undefined },
  width: number,
  paint: Paint,
): { readonly line: string; readonly column: number } {
  const room = Math.max(10, problem === undefined ? width - 2 : (width * 2) / 3) | 0;
  let before = harmless(text.slice(0, cursor));
  while (widthOf(before) >= room) before = before.slice(Array.from(before)[0]?.length ?? 1);
  const shown = cutTo(before + harmless(text.slice(cursor)), room);
  const typed = `/${shown}`;
  const left = width - widthOf(typed) - 2;
  const wrong = problem === undefined || left < 4 ? "" : `  ${paint("red", cutTo(harmless(problem), left))}`;
  return { line: typed + wrong, column: 1 + widthOf(before) };
}
