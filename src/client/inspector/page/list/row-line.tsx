import { Component } from "preact";
import type { Row } from "../../page-contract.ts";
import { WhatMark } from "../marks/what-mark.tsx";
import { Harmless } from "../words/harmless.tsx";
import { durationInWords, sizeInWords, timeOfDay } from "../words/sizes.ts";
import { visibleText } from "../words/visible-text.ts";
import { statusOf } from "./status-of.ts";

/** Of longer texts the list shows the begin: the detail view has all. */
const MOST_CHARACTERS = 220;

interface RowLineProps {
  readonly row: Row;
  /** 0-based, among the rows that are shown. */
  readonly place: number;
  readonly isSelected: boolean;
  readonly isPinned: boolean;
}

/** One row of the list. It is drawn again only when something of it is another. */
export class RowLine extends Component<RowLineProps> {
  override shouldComponentUpdate(next: RowLineProps): boolean {
    const { row, place, isSelected, isPinned } = this.props;
    return (
      row !== next.row || place !== next.place || isSelected !== next.isSelected || isPinned !== next.isPinned
    );
  }

  override render() {
    const { row, place, isSelected, isPinned } = this.props;
    const status = statusOf(row);
    const classes = ["line", place % 2 === 1 && "odd", isSelected && "selected", isPinned && "pinned"];
    if (row.isProbe) classes.push("probe");
    return (
      <div
        role="row"
        id={`row-${row.id}`}
        data-id={row.id}
        class={classes.filter(Boolean).join(" ")}
        aria-rowindex={place + 2}
        aria-selected={isSelected}
      >
        <span role="gridcell" class="cell c-mark">
          <WhatMark row={row} />
        </span>
        <span role="gridcell" class="cell c-time">
          {timeOfDay(row.at)}
        </span>
        <span role="gridcell" class="cell c-method">
          {visibleText(row.method || row.protocol.toUpperCase(), 24)}
        </span>
        <span role="gridcell" class={`cell c-status tone-${status.tone}`} title={status.title}>
          <i class="dot" />
          {status.text}
        </span>
        <span role="gridcell" class="cell c-path">
          {row.source !== "live" && <span class={`tag tag-${row.source}`}>{sourceWords[row.source]}</span>}
          {kindWords[row.kind] !== "" && <span class="tag">{kindWords[row.kind]}</span>}
          {row.host !== "" && (
            <span class="host">
              <Harmless text={row.host} most={80} isShort />
            </span>
          )}
          <span class="path">
            <Harmless text={row.path || (row.host === "" ? row.peer : "")} most={MOST_CHARACTERS} isShort />
          </span>
          {row.compared === "differs" && <span class="tag tag-differs">differs</span>}
        </span>
        <span role="gridcell" class="cell c-answered">
          {visibleText(row.answeredBy, 60)}
        </span>
        <span role="gridcell" class="cell c-because" title={visibleText(row.failure ?? row.because)}>
          <Harmless text={row.failure ?? row.because} most={160} isShort />
        </span>
        <span role="gridcell" class="cell c-duration number">
          {row.durationMs === null ? "…" : durationInWords(row.durationMs)}
        </span>
        <span role="gridcell" class="cell c-size number" title={sizesTitle(row)}>
          {row.headsOnly ? "" : sizeInWords(row.bytesOut)}
        </span>
        <span role="gridcell" class="cell c-fall" aria-hidden="true" />
      </div>
    );
  }
}

function sizesTitle(row: Row): string {
  if (row.headsOnly) return "only heads were seen";
  return `${sizeInWords(row.bytesIn)} in, ${sizeInWords(row.bytesOut)} out`;
}

const kindWords: Record<Row["kind"], string> = {
  http: "",
  grpc: "gRPC",
  websocket: "WS",
  sse: "SSE",
  raw: "raw",
};
const sourceWords: Record<Row["source"], string> = {
  live: "",
  replay: "replay",
  edited: "edited",
  imported: "HAR",
};
