import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import koffi from "koffi";
import type { FileRule } from "../../../../../src/client/files/index.ts";
import { MadeFiles, pathCalls } from "../../../../../src/client/sandbox/calls/path/index.ts";
import { endLikeProgram, openSupervisor } from "../../../../../src/client/sandbox/supervisor/index.ts";

/** What this program is told, as JSON in its first argument. */
export interface PathProgram {
  /** A folder that stands for the pod's root. */
  readonly root: string;
  /** Whether the root is to be a mount of its own that is attached nowhere, as the pod's files are. */
  readonly detached: boolean;
  readonly rules: readonly FileRule[];
  readonly otherwise: "read" | "read-write" | "local";
  readonly made: Readonly<Record<string, string>>;
  readonly traces: boolean;
  readonly workingDirectory: string;
  readonly program: string;
  readonly args: readonly string[];
}

// Runs a program whose paths lead into a folder, and ends as it does. Notices and traces go to stderr.
const told = JSON.parse(process.argv[2] ?? "") as PathProgram; // whoever starts this writes it
const root = told.detached
  ? detached(told.root)
  : openSync(told.root, constants.O_RDONLY | constants.O_DIRECTORY);
const made = new MadeFiles();
for (const [path, content] of Object.entries(told.made)) made.set(path, Buffer.from(content));
const onNotice = (message: string): void => void writeSync(2, `notice: ${message}\n`);
const module = pathCalls({
  ...{ rules: { rules: told.rules, otherwise: told.otherwise }, rootDescriptor: root, made },
  ...{ traces: told.traces, onNotice },
});
const supervisor = await openSupervisor({
  modules: [module],
  onNotice,
  ...(told.traces
    ? {
        onAnswered: ({ name, about, outcome }) => void writeSync(2, `trace: ${name} ${about} = ${outcome}\n`),
      }
    : {}),
});
const environment = readFileSync("/proc/self/environ", "latin1").split("\0").filter(Boolean);
const program = await supervisor.start({
  path: told.program,
  argv: [told.program, ...told.args],
  environment: environment.map((variable) => Buffer.from(variable, "latin1")),
  workingDirectory: told.workingDirectory,
});
const end = await program.ended;
await supervisor[Symbol.asyncDispose]();
closeSync(root);
made[Symbol.dispose]();
endLikeProgram(end);

/** open_tree(2) with OPEN_TREE_CLONE. */
function detached(folder: string): number {
  const openTree = koffi
    .load(null)
    .func("int syscall(long number, int directory, const char *path, unsigned int flags)");
  const descriptor = openTree(428, -100, folder, 1 | 0o2000000) as number; // as the prototype says
  if (descriptor === -1) throw new Error(`open_tree: errno ${koffi.errno()}`);
  return descriptor;
}
