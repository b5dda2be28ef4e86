import { openFileLimitAtStart, type ProcessToSpawn } from "../../../kernel/index.ts";
import { ClientError } from "../../errors.ts";
import type { RunMark } from "../../process/index.ts";
import type { StartedProgram } from "../sandbox.ts";

/** What the kernel gets for a program: its launcher before it, the mark of this run in its environment. */
export function programToSpawn(program: StartedProgram, mark: RunMark): ProcessToSpawn {
  const rest = {
    environment: mark.addTo(program.environment),
    openFiles: openFileLimitAtStart(),
    workingDirectory: program.workingDirectory,
  };
  const [launcher, ...words] = program.launchPrefix ?? [];
  if (launcher === undefined) return { file: program.path, argv: program.argv, ...rest };
  return { file: launcher, argv: [launcher, ...words, program.path, ...program.argv.slice(1)], ...rest };
}

/** Why a program could not be started; `errno` is what posix_spawn(3) gave. */
export function startError(program: StartedProgram, errno: string): ClientError {
  const [launcher] = program.launchPrefix ?? [];
  const name =
    launcher ?? (typeof program.path === "string" ? program.path : Buffer.from(program.path).toString());
  return new ClientError("program-start", `${name} could not be started: ${reasons[errno] ?? errno}`, {
    cause: new StartFailure(errno),
  });
}

/** The cause of a `program-start`: its `code` is the errno's name, by which shells choose between 126 and 127. */
export class StartFailure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = "StartFailure";
    this.code = code;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file, or its interpreter is missing (ENOENT)",
  EACCES: "it may not be executed (EACCES)",
  ENOEXEC: "it is no program that this machine runs (ENOEXEC)",
  E2BIG: "its arguments and environment are too long together (E2BIG)",
  ENOTDIR: "a part of its path, or of the working directory's, is no directory (ENOTDIR)",
  ETXTBSY: "somebody is writing to its file (ETXTBSY)",
  EAGAIN: "there may be no more processes (EAGAIN)",
  EINVAL: "a word of it, or a variable, has a NUL inside (EINVAL)",
};
