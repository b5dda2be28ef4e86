import type { PageModel } from "../page-model.ts";
import { inThousands } from "../words/sizes.ts";

/** Ids are told in the URL, which must not be too long for the process behind the page. */
const MOST_IDS = 1_000;

/** Exports what the list shows, or all where that cannot be said in a URL. */
export function saveHar(model: PageModel): void {
  const ids = model.view.ids();
  const box = model.box.value;
  const { stolen, mirrored, passed, failed } = model.chips.value;
  const hasChips = stolen || mirrored || passed || failed;
  if (ids.length <= MOST_IDS) save(model.api.harUrl({ ids }));
  else if (box.kind === "filter" && !hasChips) save(model.api.harUrl({ filter: box.text }));
  else {
    save(model.api.harUrl({}));
    if (ids.length !== model.rows.size)
      model.tell({
        kind: "wrong",
        text: `All ${inThousands(model.rows.size)} requests are exported, not only those that are shown`,
        hint: `Up to ${inThousands(MOST_IDS)} can be chosen by words and chips; any number by a filter.`,
      });
  }
}

/** Lets the browser save what a URL of ours gives. */
export function save(url: string, name = ""): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
