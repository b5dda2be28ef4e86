import { useMemo, useState } from "preact/hooks";
import { Harmless } from "../words/harmless.tsx";
import { counted } from "../words/sizes.ts";

const LINES_AT_ONCE = 500;
const MOST_IN_LINE = 1_000;

/** Text with numbered lines; long lines are cut, many are shown in portions. */
export function TextLines({ text }: { readonly text: string }) {
  const lines = useMemo(() => text.split(/\r\n|\n/), [text]);
  const [shown, setShown] = useState(LINES_AT_ONCE);
  return (
    <div class="text-lines">
      <ol>
        {lines.slice(0, shown).map((line, index) => (
          <li key={index}>
            <Harmless text={line} most={MOST_IN_LINE} />
          </li>
        ))}
      </ol>
      {lines.length > shown && (
        <button type="button" class="link" onClick={() => setShown(shown * 4)}>
          {counted(lines.length - shown, "more line")}
        </button>
      )}
    </div>
  );
}
