import type { z } from "zod";
import { FilterError } from "../../../filters/index.ts";
import { ClientError } from "../../errors.ts";

/** What an issue of a value says beside its message. */
export interface IssueDetails {
  readonly hint?: string | undefined;
  /** 0-based offset into the text that is wrong. */
  readonly position?: number | undefined;
  /** It is the name that is wrong, and not its value. */
  readonly isName?: boolean;
}

/**
 * Has a value read by what reads the flag, so that a file is refused for the same reasons; what was read is thrown away.
 * The flag's own name is left out of the message, since the problem is told at the place of the value.
 * @param isWrapped what is read has the value within an object of one key, which is in no path of the file
 */
export function readBy<Value>(
  read: (value: Value) => unknown,
  { isWrapped = false }: { isWrapped?: boolean } = {},
): z.core.CheckFn<Value> {
  return ({ value, issues }) => {
    const problem = problemOf(() => read(value));
    if (problem === undefined) return;
    const { message, hint, source, position } = problem;
    const path = isWrapped ? problem.path.slice(1) : problem.path;
    const at = typeof value === "string" && source !== undefined ? value.lastIndexOf(source) : -1;
    const place = at === -1 || position === undefined ? {} : { position: at + position };
    issues.push({ code: "custom", message, params: { hint, ...place }, input: value, path });
  };
}

/** What is wrong with a value: the path leads from it to the part that is. */
export interface ValueProblem extends IssueDetails {
  readonly message: string;
  /** The text that `position` counts in. */
  readonly source?: string | undefined;
  readonly path: (string | number)[];
}

/** Undefined where it can be read. */
export function problemOf(read: () => unknown): ValueProblem | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    const found = error instanceof ClientError && error.cause instanceof FilterError ? error.cause : error;
    if (found instanceof FilterError) {
      const { message, hint, source, position } = found;
      return {
        message,
        hint: hint === "" ? undefined : hint,
        ...(source === "" ? {} : { source, position }),
        path: stepsOf(found.path),
      };
    }
    if (!(found instanceof ClientError)) throw found;
    // Some show the text with a caret under the place.
    const [message = "", shown, caret] = found.message.split("\n");
    const at = caret === undefined ? {} : { source: shown?.trim() ?? "", position: caret.indexOf("^") - 2 };
    return { message: withoutFlag(message), hint: found.hint, path: [], ...at };
  }
}

/** `--port "x" has …` is `"x" has …` where a place in a file says which field it is. */
export function withoutFlag(message: string): string {
  return message.replace(/^--[a-z][a-z-]*(?:: | )/, "");
}

/** The steps of a path as `FilterError` writes it: `all[2].header.name`. */
function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key ?? "") : Number(index),
  );
}
