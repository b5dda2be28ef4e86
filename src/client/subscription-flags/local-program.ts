import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ClientError } from "../errors.ts";

/** The developer's program as it will be spawned. */
export interface LocalProgram {
  /** As the user wrote it. */
  readonly name: string;
  /** What was found for it. */
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * Finds the program after `--`, the way a shell would, before anything is started: a typo costs nothing.
 * @throws ClientError `usage` when there is no such program or it may not be run.
 */
export function findProgram(words: readonly string[], environment: NodeJS.ProcessEnv): LocalProgram {
  const [name, ...args] = words;
  if (name === undefined || name === "") {
    throw new ClientError("usage", "no program follows --", {
      hint: "Write the command that starts your program, or leave out --.",
    });
  }
  const candidates = name.includes("/")
    ? [name]
    : (environment["PATH"] ?? "").split(delimiter).map((directory) => join(directory || ".", name));
  const path = candidates.find(isExecutable);
  if (path !== undefined) return { name, path, args };
  const exists = name.includes("/") && statSync(name, { throwIfNoEntry: false }) !== undefined;
  throw new ClientError(
    "usage",
    `the program ${JSON.stringify(name)} ${exists ? "may not be run" : "was not found"}`,
    {
      hint: name.includes("/") ? "Check its path and its mode." : "It is in no directory of PATH.",
    },
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
