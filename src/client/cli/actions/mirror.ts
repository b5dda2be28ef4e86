import { checkFlags, type MirrorFlags } from "../../mirror/index.ts";
import { runSubscribing } from "./subscribing.ts";

/** Runs `magpie mirror`; gives the exit code. */
export function runMirror(flags: MirrorFlags): Promise<number> {
  return runSubscribing(flags, {
    command: "mirror",
    checked: checkFlags(flags),
    work: async (plan, { reporter, inspection }) => {
      const { mirrorWork } = await import("../../mirror/mirror-work.ts");
      return mirrorWork(plan, reporter, inspection);
    },
  });
}
