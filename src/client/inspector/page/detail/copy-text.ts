import type { PageModel } from "../page-model.ts";

/** Puts a text on the clipboard and says so. */
export async function copyText(model: PageModel, text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    model.tell({ kind: "done", text: done, hint: "" });
  } catch {
    model.tell({
      kind: "wrong",
      text: "The browser does not let this page write to the clipboard",
      hint: "Mark the text and copy it by hand, or allow it in the settings of this page.",
    });
  }
}
