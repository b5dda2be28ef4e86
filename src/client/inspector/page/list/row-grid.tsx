import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../../page-contract.ts";
import { useModel } from "../model-context.ts";
import type { PageModel } from "../page-model.ts";
import type { OrderKey } from "../rows/row-order.ts";
import { durationInWords } from "../words/sizes.ts";
import { Icon } from "../marks/icon.tsx";
import { EmptyList } from "./empty-list.tsx";
import { moveSelection } from "./move-selection.ts";
import { RowLine } from "./row-line.tsx";

/** As high as `.line` in list.css. */
export const ROW_PX = 28;
/** Rows that are drawn above and below what is seen. */
const OVERSCAN = 6;
/** So near to the end the list goes on following it. */
const END_PX = 6;

const columns: readonly { name: string; label: string; by?: OrderKey }[] = [
  { name: "mark", label: "" },
  { name: "time", label: "Time", by: "time" },
  { name: "method", label: "Method", by: "method" },
  { name: "status", label: "Status", by: "status" },
  { name: "path", label: "Host and path", by: "path" },
  { name: "answered", label: "Answered by", by: "answered" },
  { name: "because", label: "Because" },
  { name: "duration", label: "Duration", by: "duration" },
  { name: "size", label: "Size", by: "size" },
  { name: "fall", label: "" },
];

/** The list: only what is seen of it is in the document, however many rows there are. */
export function RowGrid() {
  const model = useModel();
  // Drawn again for each of these.
  void model.changes.value;
  const selected = model.selected.value;
  const pinned = model.pinned.value;
  const follows = model.follows.value;
  const { view } = model;
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const total = view.length;

  // A list that follows is at its end before it is painted.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (follows) element.scrollTop = element.scrollHeight;
    setSeen((seen) => seenOf(element, seen));
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      const selected = model.selected.value;
      if (model.follows.value) element.scrollTop = element.scrollHeight;
      // As when the details open below the list.
      else if (selected !== undefined) bringIntoSight(element, view.placeOf(selected));
      setSeen((seen) => seenOf(element, seen));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [model, view]);
  // The selected row is in sight when another one is selected.
  useLayoutEffect(() => {
    const element = scroller.current;
    const place = selected === undefined ? -1 : view.placeOf(selected);
    if (element !== null) bringIntoSight(element, place);
  }, [selected, view]);

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - END_PX;
    const { order } = view;
    // Who reads a request goes on following by the button or the End key only.
    const mayFollow = model.follows.value || model.selected.value === undefined;
    model.follows.value = isAtEnd && mayFollow && order.by === "time" && !order.isDown;
    setSeen((seen) => seenOf(element, seen));
  };

  const top = Math.min(seen.top, Math.max(0, total * ROW_PX - seen.height));
  const isByTime = view.order.by === "time" && !view.order.isDown;
  const isAway = top + seen.height < total * ROW_PX - END_PX;
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN);
  const last = Math.min(total, Math.ceil((top + seen.height) / ROW_PX) + OVERSCAN);
  const rows = rowsBetween(model, first, last);
  const range = rangeOf(rows);
  // An even number: then every other line keeps its ground.
  const slots = 2 * (Math.ceil(seen.height / ROW_PX / 2) + OVERSCAN + 1);

  return (
    <div class="list">
      <div
        ref={scroller}
        class="scroller"
        role="grid"
        id="rows"
        aria-label="Requests"
        aria-rowcount={total + 1}
        aria-colcount={columns.length}
        aria-activedescendant={selected === undefined ? undefined : `row-${selected}`}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={(event) => moveSelection(model, event, Math.floor(seen.height / ROW_PX) - 1)}
        onClick={(event) => selectClicked(model, event)}
      >
        <div class="line heads" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <ColumnHead key={column.name} {...column} spanMs={range.spanMs} />
          ))}
        </div>
        <div class="all" role="presentation" style={{ height: `${total * ROW_PX}px` }}>
          <div class="window" role="presentation" style={{ transform: `translateY(${first * ROW_PX}px)` }}>
            {rows.map((row, index) => (
              // Lines are used again for other rows: scrolling changes texts and makes nothing new.
              <RowLine
                key={(first + index) % slots}
                row={row}
                place={first + index}
                isSelected={row.id === selected}
                isPinned={row.id === pinned}
              />
            ))}
            <Bars rows={rows} range={range} />
          </div>
        </div>
        {total === 0 && <EmptyList />}
      </div>
      {!follows && (!isByTime || isAway) && (
        <button type="button" class="to-end" onClick={() => followAgain(model)}>
          <Icon name="down" /> Newest
        </button>
      )}
    </div>
  );
}

function ColumnHead(props: { name: string; label: string; by?: OrderKey; spanMs: number }) {
  const { name, label, by, spanMs } = props;
  const model = useModel();
  const order = model.order.value;
  if (name === "mark")
    return (
      <span role="columnheader" class="cell c-mark" aria-label="Who had it">
        {" "}
      </span>
    );
  if (name === "fall")
    return (
      <span role="columnheader" class="cell c-fall" title="Time that the rows in sight take">
        {durationInWords(spanMs)}
      </span>
    );
  if (by === undefined)
    return (
      <span role="columnheader" class={`cell c-${name}`}>
        {label}
      </span>
    );
  const isSorted = order.by === by;
  return (
    <span
      role="columnheader"
      class={`cell c-${name}`}
      aria-sort={isSorted ? (order.isDown ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        tabIndex={-1}
        onClick={() => model.sortBy(by)}
        title={`Sort by ${label.toLowerCase()}`}
      >
        {label}
        {isSorted && (by !== "time" || order.isDown) && <i class={order.isDown ? "sort down" : "sort"} />}
      </button>
    </span>
  );
}

/** Height of what is seen of the rows: the heads cover some. */
function listHeight(element: HTMLElement): number {
  return element.clientHeight - ROW_PX;
}

function bringIntoSight(element: HTMLElement, place: number): void {
  if (place === -1) return;
  const top = place * ROW_PX;
  const height = listHeight(element);
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + ROW_PX > element.scrollTop + height) element.scrollTop = top + ROW_PX - height;
}

function seenOf(element: HTMLElement, before: { top: number; height: number }) {
  const now = { top: element.scrollTop, height: listHeight(element) };
  return now.top === before.top && now.height === before.height ? before : now;
}

function rowsBetween({ view }: PageModel, first: number, last: number) {
  const rows = [];
  for (let place = first; place < last; place++) {
    const row = view.at(place);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

interface Range {
  readonly fromMs: number;
  readonly spanMs: number;
}

/** From when until when the bars go: what the rows in sight take. */
function rangeOf(rows: readonly Row[]): Range {
  let from = Infinity;
  let until = -Infinity;
  for (const { at, durationMs } of rows) {
    from = Math.min(from, at);
    until = Math.max(until, at + (durationMs ?? 0));
  }
  if (from > until) return { fromMs: 0, spanMs: 1 };
  return { fromMs: from, spanMs: Math.max(until - from, 1) };
}

/** When the rows in sight were, and how long. Apart from their lines, which need not change when the range does. */
function Bars({ rows, range: { fromMs, spanMs } }: { rows: readonly Row[]; range: Range }) {
  const percent = (ms: number): string => `${((100 * ms) / spanMs).toFixed(2)}%`;
  return (
    <div class="bars" aria-hidden="true">
      {rows.map(({ at, durationMs, state, what }, index) => (
        <i
          key={index}
          class={`bar bar-${state === "held" ? "held" : what}${durationMs === null ? " open" : ""}`}
          style={{
            top: `${index * ROW_PX + 10}px`,
            left: percent(at - fromMs),
            width: durationMs === null ? percent(fromMs + spanMs - at) : percent(durationMs),
          }}
        />
      ))}
    </div>
  );
}

function selectClicked(model: PageModel, event: MouseEvent): void {
  const line = event.target instanceof Element ? event.target.closest("[data-id]") : null;
  const id = Number(line?.getAttribute("data-id"));
  if (line === null || !Number.isInteger(id)) return;
  // Text that is being marked is not a click.
  if (getSelection()?.isCollapsed === false) return;
  // Who reads something does not want it to move away.
  model.follows.value = false;
  model.selected.value = id;
}

function followAgain(model: PageModel): void {
  if (model.view.order.by !== "time" || model.view.order.isDown) {
    model.view.setOrder({ by: "time", isDown: false });
    model.order.value = model.view.order;
  }
  model.follows.value = true;
  model.changes.value++;
}
