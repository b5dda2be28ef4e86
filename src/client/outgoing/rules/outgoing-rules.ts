import { ClientError } from "../../errors.ts";
import { builtInRules } from "./built-in-rules.ts";
import { canonicalName } from "./name-pattern.ts";
import type { OutgoingRules } from "./outgoing-rule.ts";
import { parseOutgoingRule } from "./parse-outgoing-rule.ts";

/** More than anybody writes; each is asked for every flow. */
const MAX_RULES = 1000;

/**
 * Makes rules of what the user wrote, in that order, and puts those that are built in behind.
 * @param searchDomains the pod's; null while they are not known
 * @throws ClientError `usage` at the first that cannot be understood
 */
export function outgoingRules(
  written: readonly string[],
  searchDomains: readonly string[] | null = null,
): OutgoingRules {
  if (written.length > MAX_RULES)
    throw new ClientError("usage", `--outgoing was given ${written.length} times`, {
      hint: `At most ${MAX_RULES} rules are read; one with a * or a network stands for many.`,
    });
  const own = written.map((text) => parseOutgoingRule(text));
  return {
    rules: [...own, ...builtInRules],
    searchDomains: searchDomains?.map(canonicalName).filter((domain) => domain !== "") ?? null,
  };
}
