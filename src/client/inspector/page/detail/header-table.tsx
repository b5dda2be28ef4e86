import { useState } from "preact/hooks";
import type { HeaderLine } from "../../page-contract.ts";
import { Harmless } from "../words/harmless.tsx";
import { counted } from "../words/sizes.ts";
import { Fold } from "./fold.tsx";

/** More lines are shown when they are asked for. */
const MOST_LINES = 200;

interface HeaderTableProps {
  readonly title: string;
  readonly lines: readonly HeaderLine[];
  readonly valuesHidden: boolean;
}

/** Fields in the order in which they were written. */
export function HeaderTable({ title, lines, valuesHidden }: HeaderTableProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? lines : lines.slice(0, MOST_LINES);
  return (
    <Fold title={title} note={lines.length === 0 ? "none" : String(lines.length)}>
      {valuesHidden && (
        <p class="detail-note quiet">Values belong to somebody else's request and are not shown.</p>
      )}
      <table class="fields">
        <tbody>
          {shown.map(([name, value], index) => (
            <tr key={index}>
              <th scope="row">
                <Harmless text={name} most={200} />
              </th>
              <td>
                {valuesHidden && value === "" ? <span class="quiet">hidden</span> : <Harmless text={value} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < lines.length && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          {counted(lines.length - shown.length, "more line")}
        </button>
      )}
    </Fold>
  );
}
