import type { ClientErrorCode } from "./errors.ts";

/**
 * What `magpie` exits with. A public contract.
 *
 * | code    | meaning                                                                                        |
 * |---------|------------------------------------------------------------------------------------------------|
 * | 0       | the session ended as asked (Ctrl-C, SIGTERM, SIGHUP, `magpie release`) or at its bound           |
 * |         | (`--for`, `--max-requests`), its program with it; or help or version was shown                  |
 * | 1       | it failed: no agent, refused or taken over by another session, the connection to the agent lost |
 * |         | of `expect` also: a condition did not hold                                                      |
 * | 2       | the command line is wrong; nothing has been started                                             |
 * | 3       | `mirror --compare`: answers differed                                                            |
 * | 4       | `mirror --compare`: none differed, but nothing was compared, or the program did not answer all   |
 * | 5       | `expect`: nobody knows whether all conditions held                                               |
 * | 128 + n | interrupted by signal n before the session began, or a second time while it was ending          |
 * | other   | with `-- program`: its own exit code, 128 + n when signal n ended it; 3 and 4 go before it       |
 */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  differs: 3,
  notCompared: 4,
  unsure: 5,
  signalBase: 128,
} as const;

/** The exit code of a failure. */
export function exitCodeOf(code: ClientErrorCode): number {
  return code === "usage" || code === "target-unknown" ? exitCodes.usage : exitCodes.failure;
}
