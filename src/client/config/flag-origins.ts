import { ClientError } from "../errors.ts";
import { placeText } from "./config-problem.ts";
import type { FilePlace } from "./document/index.ts";
import { flagPattern, withFields } from "./with-fields.ts";

/** Where the value of a flag came from that nobody wrote on the command line. */
export type FlagOrigin =
  | { readonly kind: "variable"; readonly name: string }
  | {
      readonly kind: "file";
      readonly field: string;
      /** To the value, in the config. */
      readonly path: readonly (string | number)[];
      readonly place: FilePlace;
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

/** A problem about a value of a file, by its place and with fields in place of flags; undefined where it is about none. */
export function fieldProblem(error: ClientError):
  | {
      readonly path: readonly (string | number)[];
      readonly message: string;
      readonly hint: string | undefined;
    }
  | undefined {
  const [first] = [...error.message.matchAll(flagPattern)].flatMap(([, flag = ""]) => {
    const origin = origins.get(flag);
    return origin?.kind === "file" ? [origin] : [];
  });
  if (first === undefined) return undefined;
  const { message, hint } = error;
  return {
    path: first.path,
    message: withFields(message),
    hint: hint === undefined ? undefined : withFields(hint),
  };
}

function placedText(message: string): string {
  return message.replace(flagPattern, (whole, flag: string) => {
    const origin = origins.get(flag);
    if (origin === undefined) return whole;
    return origin.kind === "variable" ? origin.name : `${placeText(origin.place)}: ${origin.field}`;
  });
}
