import type { Row } from "./row-store.ts";

/** A cell of a row: its text, without colours, and its colour. */
export interface Cell {
  readonly text: string;
  readonly colour?: "green" | "cyan" | "yellow" | "red" | "dim" | "magenta" | undefined;
}

/** One column of the list. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** In cells of the terminal; of what is left over the share. */
  readonly width: number | { readonly share: number; readonly least: number };
  readonly cell: (row: Row) => Cell;
}

const path: Column = {
  title: "PATH",
  align: "left",
  width: { share: 1, least: 10 },
  cell: (row) => ({ text: row.method === "" ? `(connection to port ${row.port})` : row.target }),
};
const method: Column = {
  ...{ title: "METHOD", align: "left", width: 7 },
  cell: ({ method, protocol }) => ({ text: method === "" ? protocol : method }),
};
const status: Column = { title: "ST", align: "right", width: 3, cell: statusCell };
const answerer: Column = { title: "ANSWERED BY", align: "left", width: 14, cell: answererCell };
const duration: Column = {
  ...{ title: "TIME", align: "right", width: 7 },
  cell: ({ durationMs }) =>
    durationMs === null ? { text: "…", colour: "yellow" } : { text: shortTime(durationMs) },
};
const bytesIn: Column = {
  ...{ title: "IN", align: "right", width: 6 },
  cell: ({ bytesIn }) => ({ text: shortSize(bytesIn), colour: "dim" }),
};
const bytesOut: Column = {
  ...{ title: "OUT", align: "right", width: 6 },
  cell: ({ bytesOut }) => ({ text: shortSize(bytesOut), colour: "dim" }),
};
const because: Column = {
  title: "BECAUSE",
  align: "left",
  width: { share: 1, least: 20 },
  cell: (row) => ({
    text: row.failure ?? becauseOf(row),
    colour: row.failure === null ? "dim" : "red",
  }),
};
const member: Column = {
  ...{ title: "MEMBER", align: "left", width: 16 },
  cell: (row) => ({ text: row.member ?? "", colour: "dim" }),
};
const clock = (width: 8 | 12): Column => ({
  ...{ title: "AT", align: "left", width },
  cell: ({ at }) => ({ text: clockText(at, width), colour: "dim" }),
});
/** In one letter who answered. */
const letter: Column = {
  ...{ title: "", align: "left", width: 1 },
  cell: (row) => {
    const { text, colour } = answererCell(row);
    return { text: isStolen(row) ? "S" : text.includes("+") ? "M" : "·", colour };
  },
};

/** The columns that a screen has room for. */
export function columnsFor(width: number, hasMembers: boolean): readonly Column[] {
  if (width < 36) return [status, letter, path];
  if (width < 60) return [clock(8), { ...method, width: 6 }, status, letter, path];
  if (width < 100) return [clock(8), method, status, { ...answerer, width: 11 }, duration, path];
  const members = hasMembers ? [member] : [];
  if (width < 140)
    return [clock(12), method, status, answerer, duration, bytesIn, bytesOut, ...members, path];
  return [
    clock(12),
    method,
    status,
    { ...answerer, width: 18 },
    duration,
    bytesIn,
    bytesOut,
    ...members,
    path,
    because,
  ];
}

/** How wide each of them is on a screen, with one blank between two. */
export function widthsOf(columns: readonly Column[], width: number): readonly number[] {
  const fixed = columns.reduce(
    (sum, column) => sum + (typeof column.width === "number" ? column.width : 0),
    0,
  );
  const shares = columns.reduce(
    (sum, column) => sum + (typeof column.width === "number" ? 0 : column.width.share),
    0,
  );
  let left = Math.max(0, width - fixed - (columns.length - 1));
  let sharesLeft = shares;
  return columns.map((column) => {
    if (typeof column.width === "number") return column.width;
    const taken = Math.max(
      Math.min(column.width.least, left),
      Math.floor((left * column.width.share) / sharesLeft),
    );
    left -= taken;
    sharesLeft -= column.width.share;
    return taken;
  });
}

function isStolen({ verdict }: Row): boolean {
  return verdict === "stolen" || verdict === "stolen-raw";
}

function answererCell(row: Row): Cell {
  const copies = row.mirrors.filter(({ outcome }) => outcome === "sent" || outcome === "under way");
  const mirrored = copies.map(({ name }) => ` +${name}`).join("");
  if (isStolen(row)) return { text: `${row.sessionName ?? row.session ?? "?"}${mirrored}`, colour: "green" };
  return { text: `app${mirrored}`, colour: mirrored === "" ? undefined : "cyan" };
}

function statusCell({ status, durationMs, failure, method }: Row): Cell {
  if (status === null) {
    if (durationMs === null) return { text: "…", colour: "yellow" };
    return method === "" && failure === null ? { text: "-", colour: "dim" } : { text: "-", colour: "red" };
  }
  const colour = status >= 500 ? "red" : status >= 400 ? "yellow" : status >= 300 ? "cyan" : undefined;
  return { text: String(status), colour };
}

/** The clause of the filter that took it, else why nobody did. */
function becauseOf({ explanation, reason }: Row): string {
  return explanation?.find(({ matches }) => matches)?.because ?? reason;
}

/** As the clock of this machine shows it. */
export function clockText(at: number, width: 8 | 12): string {
  const time = new Date(at);
  const text = time.toTimeString().slice(0, 8);
  return width === 8 ? text : `${text}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** In at most seven characters. */
export function shortTime(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 99_950) return `${(ms / 1_000).toFixed(1)}s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)}min`;
  return `${Math.round(ms / 3_600_000)}h`;
}

/** In at most six characters. */
export function shortSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes}`;
  for (const [unit, size] of [
    ["k", 1e3],
    ["M", 1e6],
    ["G", 1e9],
  ] as const) {
    const count = bytes / size;
    if (count < 9.95) return `${count.toFixed(1)}${unit}`;
    if (count < 999.5) return `${Math.round(count)}${unit}`;
  }
  return `${Math.round(bytes / 1e12)}T`;
}
