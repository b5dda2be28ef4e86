import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useModel } from "../model-context.ts";
import { Icon } from "../marks/icon.tsx";

interface DialogProps {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog of the browser's own: it keeps the focus, gives it back, and closes with Escape. */
export function Dialog({ title, isWide = false, children }: DialogProps) {
  const model = useModel();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  const close = (): void => {
    model.dialog.value = undefined;
  };
  return (
    <dialog
      ref={element}
      class={isWide ? "dialog wide" : "dialog"}
      aria-labelledby="dialog-title"
      onClose={close}
      onCancel={close}
      onPointerDown={(event) => {
        // The dialog itself is hit where its backdrop is.
        if (event.target === event.currentTarget) close();
      }}
    >
      <div class="dialog-box">
        <div class="dialog-title">
          <h2 id="dialog-title">{title}</h2>
          <button
            type="button"
            class="tool"
            aria-label="Close the dialog"
            title="Close (Esc)"
            onClick={close}
          >
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
