import { useEffect, useRef } from "preact/hooks";
import { Detail } from "./detail/detail.tsx";
import { Dialogs } from "./dialogs/dialogs.tsx";
import { FilterBox } from "./filter-box/filter-box.tsx";
import { Banners } from "./header/banners.tsx";
import { HarDrop } from "./header/har-drop.tsx";
import { Notices } from "./header/notices.tsx";
import { PageHeader } from "./header/page-header.tsx";
import { StatusLine } from "./header/status-line.tsx";
import { moveSelection } from "./list/move-selection.ts";
import { ROW_PX, RowGrid } from "./list/row-grid.tsx";
import { useModel } from "./model-context.ts";
import type { PageModel } from "./page-model.ts";
import { Divider } from "./split/divider.tsx";
import { visibleText } from "./words/visible-text.ts";

/** All of the page. */
export function Page() {
  const model = useModel();
  const split = useRef<HTMLElement>(null);
  const isDetailOpen = model.selected.value !== undefined;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => pageKey(model, event);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [model]);
  const target = model.state.value?.target;
  useEffect(() => {
    if (target !== undefined) document.title = `${visibleText(target, 60)} · Magpie inspector`;
  }, [target]);
  return (
    <HarDrop>
      <PageHeader />
      <Banners />
      <FilterBox />
      <main class={`split${isDetailOpen ? " with-detail" : ""}`} ref={split}>
        <RowGrid />
        {isDetailOpen && <Divider split={split} />}
        {isDetailOpen && <Detail />}
      </main>
      <StatusLine />
      <Notices />
      <Dialogs />
    </HarDrop>
  );
}

/** Keys that work wherever nothing is typed. */
function pageKey(model: PageModel, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (model.dialog.value !== undefined) return;
  const { target } = event;
  if (target instanceof Element && target.closest("input, textarea, select") !== null) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("filter-box")?.focus();
  } else if (event.key === "?") {
    event.preventDefault();
    model.dialog.value = { kind: "keys" };
  } else if (event.key === "Escape") {
    model.selected.value = undefined;
    document.getElementById("rows")?.focus({ preventScroll: true });
  } else if (
    /^[jk]$/.test(event.key) &&
    !(target instanceof Element && target.closest("[role=grid]") !== null)
  ) {
    moveSelection(model, event, Math.floor(innerHeight / ROW_PX / 2));
  }
}
