import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { useModel } from "../model-context.ts";
import { importHar } from "./page-header.tsx";

/** Around the page: a HAR file may be dropped anywhere on it. */
export function HarDrop({ children }: { readonly children: ComponentChildren }) {
  const model = useModel();
  const [isOver, setOver] = useState(false);
  // Entering a child comes before leaving its parent.
  const depth = useRef(0);
  const enter = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    depth.current++;
    setOver(true);
  };
  const leave = (): void => {
    depth.current = Math.max(0, depth.current - 1);
    if (depth.current === 0) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    for (const file of event.dataTransfer?.files ?? []) void importHar(model, file);
  };
  return (
    <div
      class="page"
      onDragEnter={enter}
      onDragLeave={leave}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {isOver && <div class="drop">Drop a HAR file to import it</div>}
    </div>
  );
}
