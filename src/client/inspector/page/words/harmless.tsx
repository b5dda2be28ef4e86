import { useState } from "preact/hooks";
import { sizeInWords } from "./sizes.ts";
import { visiblePieces } from "./visible-text.ts";

/** More of a foreign text is shown only when it is asked for. */
const MOST_CHARACTERS = 2_000;

interface HarmlessProps {
  readonly text: string;
  readonly most?: number;
  /** Without a button for the rest: for places that have none for it. */
  readonly isShort?: boolean;
}

/** Foreign text: what would not be seen, or would turn its neighbours around, is named; a long one is cut. */
export function Harmless({ text, most = MOST_CHARACTERS, isShort = false }: HarmlessProps) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > most && !isWhole;
  const shown = isCut ? text.slice(0, most) : text;
  return (
    <span class="foreign">
      {visiblePieces(shown).map((piece, index) =>
        piece.code === undefined ? (
          piece.text
        ) : (
          <span key={index} class="unseen" title={piece.code}>
            {piece.code}
          </span>
        ),
      )}
      {isCut && "…"}
      {isCut && !isShort && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          show all ({sizeInWords(text.length)})
        </button>
      )}
    </span>
  );
}
