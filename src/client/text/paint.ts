import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

/**
 * Gives the colours for a stream: none unless it is a terminal, and none when `NO_COLOR` is set to anything
 * (https://no-color.org).
 */
export function paintFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const wanted = stream.isTTY === true && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

/** Text from the wire without what could move the cursor or change colours of the terminal it is shown on. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}

/** The same for a text of several lines, which stay apart. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
