import { FilterError, parseFilter } from "../../filters/index.ts";
import { type Fit, SeenFilter } from "../decisions/index.ts";
import type { Row } from "./row-store.ts";

/** Which rows are wanted. */
export interface RowFilter {
  /** As it was typed; "" is every row. */
  readonly text: string;
  readonly onlyStolen: boolean;
  readonly fit: (row: Row) => Fit;
}

/** Gives the filter of a text in the language of `--filter`, or what is wrong with it and where. */
export function rowFilterOf(
  text: string,
  onlyStolen: boolean,
): RowFilter | { readonly problem: string; readonly position: number | undefined } {
  try {
    const seen = text.trim() === "" ? undefined : new SeenFilter(parseFilter(text));
    const fit = (row: Row): Fit => {
      if (onlyStolen && row.verdict !== "stolen" && row.verdict !== "stolen-raw") return "no";
      return seen === undefined ? "yes" : seen.fit(row);
    };
    return { text, onlyStolen, fit };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { problem: error.message, position: error.position };
  }
}
