import { textOfLine } from "../../json-lines/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import { type OwnSession, proofOf } from "../../own-sessions/index.ts";
import { parseTargetPort } from "../../subscription-flags/index.ts";
import type { ReleaseFlags } from "../commands/release.ts";
import { askEach } from "./each-member.ts";
import { runOwnQuestion } from "./question.ts";

/** Runs `magpie release`; gives the exit code. */
export function runRelease(flags: ReleaseFlags): Promise<number> {
  return runOwnQuestion(
    flags,
    () => flags.port.map(parseTargetPort),
    async (context, ports) => {
      const { target, session, parts, name, signal, writeLine, paint } = context;
      const { release } = await import("../../control/index.ts");
      const sessions = new Map(parts.map((part) => [part.target, part.session]));
      // The command gives a port back everywhere once it is released with one: others may find nothing left to release.
      const answers = await askEach(
        parts,
        ({ target }) => {
          const as = proofOf(sessions.get(target) ?? session);
          return release({ target, name, signal, as, ports });
        },
        () => true,
      );
      const released = [...new Set(answers.flatMap(({ answer }) => answer.ports))];
      const left = Math.min(...answers.map(({ answer }) => answer.left));
      if (flags.output === "json") {
        const about = { session: session.session, target: target.label, ports: released, left };
        writeLine(textOfLine({ event: "released", ...about }));
      } else {
        const what = `port ${released.map((port) => paint("cyan", String(port))).join(", ")}`;
        const rest = left === 0 ? commandText(session) : `${left} ${left === 1 ? "port" : "ports"} left`;
        const who =
          session.whole === undefined ? `session ${paint("bold", session.session)}` : "your session";
        writeLine(`${who} has released ${what} of ${target.label}; ${rest}`);
      }
      return exitCodes.ok;
    },
  );
}

function commandText({ outlivesPorts }: OwnSession): string {
  return outlivesPorts ? "its program runs on" : "its command ends";
}
