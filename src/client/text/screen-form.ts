/** Where something is shown: a terminal that may be drawn on, and how wide it is. */
export interface ScreenForm {
  /** Lines may be drawn anew: a terminal, and nobody who wants plain lines. */
  readonly isDrawable: boolean;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Text for files and pipes is as wide as help is. */
const usualColumns = 80;

/** `NO_COLOR`, `CI` and `TERM=dumb` want plain lines, one after another. */
export function screenFormOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: NodeJS.ProcessEnv,
): ScreenForm {
  const { NO_COLOR: noColour, CI: ci, TERM: terminal } = environment;
  const isPlain = Boolean(noColour) || isCi(ci) || terminal === "dumb";
  const isTerminal = stream.isTTY === true;
  return { isDrawable: isTerminal && !isPlain, isTerminal, columns: stream.columns || usualColumns };
}

/** `CI=false` and `CI=0` say that it is none. */
export function isCi(ci: string | undefined): boolean {
  return ci !== undefined && !["", "0", "false"].includes(ci);
}
