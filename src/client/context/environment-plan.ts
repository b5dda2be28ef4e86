import { ClientError } from "../errors.ts";
import type { EnvironmentRule, WrittenRule } from "./environment-rule.ts";
import type { EnvironmentRules } from "./environment-rules.ts";
import { rulesOfFlags } from "./rules-of-flags.ts";

/** The flags that say where variables come from, and of which process, as they were written. */
export interface VariableFlags {
  readonly process?: string;
  /** In the order of the command line. */
  readonly rules: readonly WrittenRule[];
}

/** What the flags about variables come to, checked before anything is asked. */
export interface EnvironmentPlan {
  readonly process: number | undefined;
  readonly rules: EnvironmentRules;
}

/**
 * Reads the flags; rules that `before` holds count as written before them.
 * @throws ClientError `usage`
 */
export function environmentPlan(
  { process, rules }: VariableFlags,
  { before = [] }: { before?: readonly EnvironmentRule[] } = {},
): EnvironmentPlan {
  if (process !== undefined && !/^[1-9]\d{0,6}$/.test(process))
    throw new ClientError("usage", `--process ${JSON.stringify(process)} is not the number of a process`);
  return {
    process: process === undefined ? undefined : Number(process),
    rules: rulesOfFlags(rules, { before }),
  };
}
