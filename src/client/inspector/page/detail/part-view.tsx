import type { ComponentChildren } from "preact";
import type { BodySide, MessagePart, Row } from "../../page-contract.ts";
import { BodyView } from "../body/body-view.tsx";
import { HeaderTable } from "./header-table.tsx";

interface PartViewProps {
  readonly row: Row;
  readonly part: MessagePart;
  readonly side: BodySide;
  readonly line: ComponentChildren;
}

/** A request or an answer: its first line, fields, content and trailers. */
export function PartView({ row, part, side, line }: PartViewProps) {
  return (
    <>
      <p class="first-line">{line}</p>
      <HeaderTable title="Headers" lines={part.headers} valuesHidden={part.valuesHidden} />
      <BodyView row={row} side={side} facts={part.body} headers={part.headers} />
      {part.trailers.length > 0 && (
        <HeaderTable title="Trailers" lines={part.trailers} valuesHidden={part.valuesHidden} />
      )}
    </>
  );
}
