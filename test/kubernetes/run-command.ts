import { spawn } from "node:child_process";
import { once } from "node:events";
import { onAbruptEnd } from "../fixtures/abrupt-end.ts";

/** How a command is run. */
export interface CommandOptions {
  /** Given to it as its standard input; nothing by default. */
  readonly input?: string;
  /** Added to our environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** SIGKILL after this time. */
  readonly timeoutMs?: number;
}

/**
 * A command that ends with us however we end, and with it all that it has started and mounted: it runs in namespaces of its own for
 * processes and mounts, and the kernel ends it when we are gone. Needs root. For what takes minutes.
 */
export function leashed(command: readonly [string, ...string[]]): [string, ...string[]] {
  const own = ["--pid", "--fork", "--kill-child", "--mount-proc"];
  return ["setpriv", "--pdeathsig=KILL", "unshare", ...own, "--", ...command];
}

/** What a command has said, and how it ended; null when a signal ended it. */
export interface CommandOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Its failure is a value here. @throws Error `ENOENT` */
export async function tryCommand(
  [program, ...rest]: readonly [string, ...string[]],
  { input, env, cwd, timeoutMs = 120_000 }: CommandOptions = {},
): Promise<CommandOutput> {
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that reads nothing and ends must not break us: its exit says what happened.
  child.stdin?.on("error", () => undefined).end(input);
  const withdraw = onAbruptEnd(() => void child.kill("SIGTERM"));
  const [code] = (await once(child, "close").finally(withdraw)) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a command to its end and gives what it printed. @throws Error with the last that it said when it fails */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(command, options);
  if (code === 0) return stdout;
  const said = [lastLines(stdout), lastLines(stderr)].filter(Boolean).join("\n");
  throw new Error(`\`${command.join(" ")}\` ended with ${String(code)}:\n${said}`);
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-maxToldLines).join("\n");
}

const maxToldLines = 30;
