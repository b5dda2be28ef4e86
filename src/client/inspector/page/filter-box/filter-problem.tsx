import { visibleText } from "../words/visible-text.ts";

/** So much is shown before and after the place. */
const AROUND = 48;

interface FilterProblemProps {
  readonly text: string;
  readonly message: string;
  /** 0-based offset into `text`; null where there is no place. */
  readonly at: number | null;
  readonly hint: string;
}

/** What is wrong with a filter, with the place marked. */
export function FilterProblem({ text, message, at, hint }: FilterProblemProps) {
  const place = Math.min(at ?? 0, text.length);
  const from = Math.max(0, place - AROUND);
  const marked = text.slice(place, place + 1);
  return (
    <div class="problem">
      <p class="problem-message">
        {visibleText(message)}
        {at !== null && <span class="problem-at"> at character {place + 1}</span>}
      </p>
      {at !== null && (
        <code class="problem-place">
          {from > 0 && "…"}
          {visibleText(text.slice(from, place))}
          <mark>{marked === "" ? " " : visibleText(marked)}</mark>
          {visibleText(text.slice(place + 1, place + AROUND))}
          {text.length > place + AROUND && "…"}
        </code>
      )}
      {hint !== "" && <p class="hint">{visibleText(hint)}</p>}
    </div>
  );
}
