import { ClientError } from "../errors.ts";

/** Where the value of a flag came from that nobody wrote on the command line. */
export type FlagOrigin =
  | { readonly kind: "variable"; readonly name: string }
  | {
      readonly kind: "file";
      readonly field: string;
      /** `magpie.json:4:14`. */
      readonly place: string;
    };

/** By the long names of flags, without dashes. A command is run once in a process, and so is what it was told. */
let origins: ReadonlyMap<string, FlagOrigin> = new Map();

/** Says where values came from, before they are checked. */
export function setFlagOrigins(known: ReadonlyMap<string, FlagOrigin>): void {
  origins = known;
}

/** A problem as it is told: a flag that nobody wrote is named by the variable or the place that its value came from. */
export function placedError(error: ClientError): ClientError {
  const message = placedText(error.message);
  if (message === error.message) return error;
  return new ClientError(error.code, message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error.cause,
  });
}

/** Whether a text names a flag whose value came from a file. */
export function namesFile(message: string): boolean {
  return flagsIn(message).some((flag) => origins.get(flag)?.kind === "file");
}

function placedText(message: string): string {
  return message.replace(flagPattern, (whole, flag: string) => {
    const origin = origins.get(flag);
    if (origin === undefined) return whole;
    return origin.kind === "variable" ? origin.name : `${origin.place}: ${origin.field}`;
  });
}

function flagsIn(message: string): string[] {
  return [...message.matchAll(flagPattern)].map(([, flag = ""]) => flag);
}

const flagPattern = /(?<![\w-])--([a-z][a-z-]*)/g;
