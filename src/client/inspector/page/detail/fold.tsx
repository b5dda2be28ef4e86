import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../marks/icon.tsx";

interface FoldProps {
  readonly title: string;
  readonly note?: string;
  /** Buttons at the end of the title's line. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the details that can be folded away. */
export function Fold({ title, note, aside, children }: FoldProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <section class="fold">
      <div class="fold-title">
        <h3>
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Icon name="chevron" />
            {title}
          </button>
        </h3>
        {note !== undefined && <span class="fold-note">{note}</span>}
        <span class="gap" />
        {isOpen && aside}
      </div>
      {isOpen && <div class="fold-content">{children}</div>}
    </section>
  );
}
