import { exitCodes } from "../../exit-codes.ts";
import { type OwnSession, proofOf } from "../../own-sessions/index.ts";
import { parseTargetPort } from "../../subscription-flags/index.ts";
import type { ReleaseFlags } from "../commands/release.ts";
import { runOwnQuestion } from "./question.ts";

/** Runs `magpie release`; gives the exit code. */
export function runRelease(flags: ReleaseFlags): Promise<number> {
  return runOwnQuestion(
    flags,
    () => flags.port.map(parseTargetPort),
    async (context, ports) => {
      const { target, session, name, signal, writeLine, paint } = context;
      const { release } = await import("../../control/index.ts");
      const { ports: released, left } = await release({ target, name, signal, as: proofOf(session), ports });
      if (flags.output === "json") {
        const about = { session: session.session, target: target.label, ports: released, left };
        writeLine(JSON.stringify({ event: "released", ...about }));
      } else {
        const what = `port ${released.map((port) => paint("cyan", String(port))).join(", ")}`;
        const rest = left === 0 ? commandText(session) : `${left} ${left === 1 ? "port" : "ports"} left`;
        writeLine(
          `session ${paint("bold", session.session)} has released ${what} of ${target.label}; ${rest}`,
        );
      }
      return exitCodes.ok;
    },
  );
}

function commandText({ outlivesPorts }: OwnSession): string {
  return outlivesPorts ? "its program runs on" : "its command ends";
}
