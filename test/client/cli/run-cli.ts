import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../../src/client/magpie.js", import.meta.url));

/** What a finished command has said. */
export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real `magpie`, without a terminal and with only these variables beside PATH. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { cwd }: { cwd?: string } = {},
): Promise<CliResult> {
  const child: ChildProcess = spawn(process.execPath, [launcher, ...args], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const read = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
    let text = "";
    for await (const chunk of stream ?? []) text += chunk.toString();
    return text;
  };
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr, exitCode] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}
