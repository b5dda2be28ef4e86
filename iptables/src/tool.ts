/**
 * Starts a tool once, gives it its input, and waits for its end. The long-lived nft has its own file, `owner-session.ts`.
 */
import { spawn, spawnSync } from "node:child_process";
import { NftError } from "./errors.ts";

/** How to reach the tools of this package. */
export interface ToolOptions {
  /**
   * Put before every command, for instance `["nsenter", "--net=/run/netns/x", "--"]`. It must end by executing what follows:
   * a wrapper that stays as the parent would keep an owned table alive, or not pass a kill on.
   */
  readonly commandPrefix?: readonly string[];
  /** How long a tool may take before it is killed. Default 5000. */
  readonly timeoutMs?: number;
}

/** What a tool left behind. */
export interface ToolResult {
  /** 0 is success; 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An answer larger than this is cut: a runaway tool must not fill the memory. */
const MAX_OUTPUT_CHARACTERS = 16 * 1024 * 1024;
export const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Runs a tool to its end; an exit code other than 0 is a value, not an error.
 * @throws NftError `not-started` when it cannot be started, `timed-out` when it was killed after `timeoutMs`.
 */
export function runTool(
  argv: readonly [string, ...string[]],
  options: ToolOptions & { input?: string } = {},
): Promise<ToolResult> {
  const [file, ...args] = prefixed(argv, options.commandPrefix);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "pipe", env: toolEnvironment() });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < MAX_OUTPUT_CHARACTERS) stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < MAX_OUTPUT_CHARACTERS) stderr += text;
    });
    // A tool that ends without reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new NftError("not-started", `${argv[0]} could not be started: ${cause.message}`, { cause }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (timedOut) reject(new NftError("timed-out", `${argv.join(" ")} did not end within ${timeoutMs} ms`));
      else resolve({ exitCode: code ?? exitCodeOf(signal), stdout, stderr });
    });
  });
}

/** As `runTool`, and gives what the tool printed. @throws NftError also `command-failed`, with the tool's own words. */
export async function runToolOrThrow(
  argv: readonly [string, ...string[]],
  options: ToolOptions & { input?: string } = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(argv, options);
  if (exitCode === 0) return stdout;
  throw new NftError(
    "command-failed",
    `${argv.join(" ")} ended with ${exitCode}: ${stderr.trim() || "no message"}`,
  );
}

/** Runs a tool to its end, blocking the process, at most `timeoutMs`; nobody is told how it ended. */
export function runToolSync(
  argv: readonly [string, ...string[]],
  options: ToolOptions & { input?: string } = {},
): void {
  const [file, ...args] = prefixed(argv, options.commandPrefix);
  const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  spawnSync(file, args, {
    input: options.input ?? "",
    timeout,
    killSignal: "SIGKILL",
    env: toolEnvironment(),
  });
}

export function prefixed(
  argv: readonly [string, ...string[]],
  prefix: readonly string[] = [],
): [string, ...string[]] {
  const [first, ...rest] = prefix;
  return first === undefined ? [...argv] : [first, ...rest, ...argv];
}

/** nft's line editor complains without a TERM, and messages are read in English. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, TERM: "dumb", LC_ALL: "C" };
}

function exitCodeOf(signal: NodeJS.Signals | null): number {
  // Only that it was a signal matters to the callers; 137 is how a shell spells the one that we send ourselves.
  return signal === null ? 1 : signal === "SIGKILL" ? 137 : 128;
}
