import { checkFlags, type StealFlags, stealTerms } from "../../steal/index.ts";
import { runSubscribing } from "./subscribing.ts";

/** Runs `magpie steal`; gives the exit code. */
export function runSteal(flags: StealFlags): Promise<number> {
  return runSubscribing(flags, {
    command: "steal",
    checked: checkFlags(flags),
    work: (plan, { inspection }) => ({
      terms: stealTerms(plan),
      inspection,
      afterwards: "the app answers everything again",
    }),
  });
}
