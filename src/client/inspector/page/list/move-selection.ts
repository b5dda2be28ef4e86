import type { PageModel } from "../page-model.ts";

/** Keys of the list: arrows and j/k, pages, begin and end; Enter goes into the details, Escape closes them. */
export function moveSelection(model: PageModel, event: KeyboardEvent, page: number): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { view } = model;
  const selected = model.selected.value;
  const place = selected === undefined ? -1 : view.placeOf(selected);
  const last = view.length - 1;
  const to = target(event.key, { place, last, page: Math.max(page, 1) });
  if (to !== undefined) {
    event.preventDefault();
    if (last < 0) return;
    const id = view.idAt(Math.min(Math.max(to, 0), last));
    model.selected.value = id;
    model.follows.value = event.key === "End" && view.order.by === "time" && !view.order.isDown;
  } else if (event.key === "Enter") {
    document.querySelector<HTMLElement>('.detail [role="tab"][aria-selected="true"]')?.focus();
  }
}

interface Places {
  readonly place: number;
  readonly last: number;
  readonly page: number;
}

function target(key: string, { place, last, page }: Places): number | undefined {
  switch (key) {
    case "ArrowDown":
    case "j":
      // Without a selection the newest row is what one looks for.
      return place === -1 ? last : place + 1;
    case "ArrowUp":
    case "k":
      return place === -1 ? last : place - 1;
    case "PageDown":
      return place + page;
    case "PageUp":
      return Math.max(place, 0) - page;
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
