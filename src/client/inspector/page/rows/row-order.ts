import type { Row } from "../../page-contract.ts";

/** What the list can be sorted by. */
export type OrderKey = "time" | "method" | "status" | "path" | "answered" | "duration" | "size";

export interface RowOrder {
  readonly by: OrderKey;
  readonly isDown: boolean;
}

/** As they came. */
export const byArrival: RowOrder = { by: "time", isDown: false };

const keys: Record<OrderKey, (row: Row) => number | string> = {
  time: (row) => row.id,
  method: (row) => row.method,
  status: (row) => row.status ?? (row.state === "failed" ? 1_000 : -1),
  path: (row) => row.host + row.path,
  answered: (row) => row.answeredBy,
  duration: (row) => row.durationMs ?? -1,
  size: (row) => row.bytesIn + row.bytesOut,
};

/** Sorts rows; equal ones stay in the order in which they came. */
export function inOrder(rows: readonly Row[], { by, isDown }: RowOrder): Row[] {
  const key = keys[by];
  const sign = isDown ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.row.id - b.row.id));
  return keyed.map(({ row }) => row);
}
