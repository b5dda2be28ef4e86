import { Command } from "commander";
import { addTargetOptions } from "./shared-options.ts";

/** The flags of `magpie watch` as they were written. */
export interface WatchFlags {
  readonly target?: string;
  readonly session?: string;
  readonly port?: string;
  readonly filter?: string;
  readonly last: string;
  readonly onlyStolen: boolean;
  readonly showSecrets: boolean;
}

/** What `magpie watch` understands. */
export function watchCommand(root: Command, run: (flags: WatchFlags) => Promise<void>): Command {
  const command = new Command("watch")
    .copyInheritedSettings(root)
    .description("Show the requests of a target live, in the terminal.")
    .usage("[--target <target>] [options]")
    .allowExcessArguments(false);
  return addTargetOptions(command)
    .option("--filter <filter>", "only requests that it takes, to begin with; / changes it")
    .option("--only-stolen", "only stolen requests, to begin with; s changes that", false)
    .option("-p, --port <number>", "only this port of the target")
    .option("--last <number>", "so many of the past, as far as the agent remembers them", "1000")
    .option(
      "--session <id>",
      "see what this session of yours may see (default: yours, when it is the only one)",
    )
    .option("--show-secrets", "of requests that your session has had show secrets, too", false)
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Keys: up, down, PgUp, PgDn, Home, End, k, j move; Enter opens a request; / filters; s shows stolen ones only; p pauses; c copies as
curl; ? shows all keys; q, Esc or Ctrl-C quit. It keeps the latest 100,000 requests, and reconnects by itself.
Without a terminal: magpie why --follow, with --output json for programs.

Examples:
  magpie watch                        the target of your session
  magpie watch --target deployment/web --only-stolen
  magpie watch --filter 'path ^= "/api" and not method == OPTIONS'

Exit codes: 0 quit, 1 failed, 2 wrong command line, or no terminal.`;
