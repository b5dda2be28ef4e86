import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

const key = "magpie-split";
const LEAST_PERCENT = 20;
const MOST_PERCENT = 80;
const STEP_PERCENT = 4;

/** Between list and details: moved by the pointer and by arrow keys. It is remembered in this browser. */
export function Divider({ split }: { readonly split: RefObject<HTMLElement | null> }) {
  const [percent, setPercent] = useState(remembered);
  const [isBelow, setBelow] = useState(() => narrow.matches);
  useEffect(() => {
    const changed = (): void => setBelow(narrow.matches);
    narrow.addEventListener("change", changed);
    return () => narrow.removeEventListener("change", changed);
  }, []);
  useEffect(() => {
    split.current?.style.setProperty("--detail", `${percent}%`);
    try {
      localStorage.setItem(key, String(percent));
    } catch {
      // Storage may be forbidden; then it begins in the middle each time.
    }
  }, [percent, split]);

  const toPointer = (event: PointerEvent): void => {
    const box = split.current?.getBoundingClientRect();
    if (box === undefined) return;
    const part = isBelow
      ? (box.bottom - event.clientY) / box.height
      : (box.right - event.clientX) / box.width;
    setPercent(bounded(part * 100));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grows = isBelow ? "ArrowUp" : "ArrowLeft";
    const shrinks = isBelow ? "ArrowDown" : "ArrowRight";
    if (event.key !== grows && event.key !== shrinks) return;
    event.preventDefault();
    setPercent(bounded(percent + (event.key === grows ? STEP_PERCENT : -STEP_PERCENT)));
  };
  return (
    <div
      class="divider"
      role="separator"
      aria-label="Size of the details"
      aria-orientation={isBelow ? "horizontal" : "vertical"}
      aria-valuenow={Math.round(percent)}
      aria-valuemin={LEAST_PERCENT}
      aria-valuemax={MOST_PERCENT}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) toPointer(event);
      }}
    />
  );
}

/** As in layout.css: there the details are below the list. */
const narrow = matchMedia("(max-width: 960px)");

const bounded = (percent: number): number => Math.min(Math.max(percent, LEAST_PERCENT), MOST_PERCENT);

function remembered(): number {
  try {
    const percent = Number(localStorage.getItem(key));
    if (percent > 0) return bounded(percent);
  } catch {
    // See above.
  }
  return narrow.matches ? 55 : 46;
}
