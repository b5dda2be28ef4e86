import type { TabName } from "./detail.tsx";

interface TabsProps {
  readonly tabs: readonly { readonly name: TabName; readonly label: string; readonly mark?: string }[];
  readonly shown: TabName;
  readonly onShow: (name: TabName) => void;
}

/** https://www.w3.org/WAI/ARIA/apg/patterns/tabs/, with arrows that show at once. */
export function Tabs({ tabs, shown, onShow }: TabsProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const place = tabs.findIndex(({ name }) => name === shown);
    const to = moved(event.key, place, tabs.length);
    const next = to === undefined ? undefined : tabs[to];
    if (next === undefined) return;
    event.preventDefault();
    onShow(next.name);
    document.getElementById(`tab-${next.name}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
      {tabs.map(({ name, label, mark }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-controls="panel"
          aria-selected={name === shown}
          tabIndex={name === shown ? 0 : -1}
          onClick={() => onShow(name)}
        >
          {label}
          {mark !== undefined && <span class="tab-mark">{mark}</span>}
        </button>
      ))}
    </div>
  );
}

function moved(key: string, place: number, count: number): number | undefined {
  if (key === "ArrowRight") return (place + 1) % count;
  if (key === "ArrowLeft") return (place + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}
