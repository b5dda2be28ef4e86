import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

const key = "magpie-theme";
const themes: readonly Theme[] = ["auto", "light", "dark"];

/** What the reader has chosen; it is remembered in this browser. */
export const theme = signal<Theme>(remembered());

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "auto";
}

/** Keeps the page in the chosen colours. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    try {
      localStorage.setItem(key, theme.value);
    } catch {
      // Storage may be forbidden; then it is chosen anew each time.
    }
  });
}

function remembered(): Theme {
  try {
    return themes.find((known) => known === localStorage.getItem(key)) ?? "auto";
  } catch {
    return "auto";
  }
}
