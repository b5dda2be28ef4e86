import { useState } from "preact/hooks";
import { sizeInWords } from "../words/sizes.ts";

const BYTES_IN_LINE = 16;
const LINES_AT_ONCE = 512;

/** Bytes as `hexdump -C` shows them. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const [lines, setLines] = useState(LINES_AT_ONCE);
  const shown = Math.min(bytes.length, lines * BYTES_IN_LINE);
  return (
    <div class="hex-view">
      <pre class="hex">{hexLines(bytes.subarray(0, shown))}</pre>
      {shown < bytes.length && (
        <button type="button" class="link" onClick={() => setLines(lines * 4)}>
          {sizeInWords(bytes.length - shown)} more
        </button>
      )}
    </div>
  );
}

/** Offset, sixteen bytes in hex in two groups, and those that are printable ASCII. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_IN_LINE) {
    const part = [...bytes.subarray(at, at + BYTES_IN_LINE)];
    const hex = part
      .map((byte, index) => `${index === 8 ? " " : ""}${byte.toString(16).padStart(2, "0")}`)
      .join(" ");
    const signs = part
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"))
      .join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(BYTES_IN_LINE * 3)}  ${signs}`);
  }
  return lines.join("\n");
}
