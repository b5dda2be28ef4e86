import { execFileSync } from "node:child_process";
import type { RuntimeDirectory } from "../../test/fixtures/magpie-steal.ts";
import { type MirrorPlan, MirrorSession } from "../../test/fixtures/mirror-session.ts";
import type { Namespace } from "../../test/fixtures/namespaces.ts";
import { developerCore } from "../measure/stage.ts";

/**
 * What mirrors the port meanwhile. `hangs`: a session whose program takes requests and answers none. `stopped`: one whose
 * own process does nothing any more. `reads`: one that takes every copy as fast as it can.
 */
export const mirrorNames = ["none", "hangs", "stopped", "reads"] as const;
export type MirrorName = (typeof mirrorNames)[number];

const behaviours = { hangs: "stall", stopped: "read", reads: "read" } as const satisfies Record<
  Exclude<MirrorName, "none">,
  MirrorPlan["behaviour"]
>;

/** Runs `act` while the port is mirrored so, answers included. */
export async function whileMirrored<Result>(
  name: MirrorName,
  where: { pod: Namespace; port: number; runtimeDirectory: Pick<RuntimeDirectory, "path"> },
  act: () => Promise<Result>,
): Promise<Result> {
  if (name === "none") return await act();
  const terms = { answers: true };
  await using session = await MirrorSession.start({ ...where, terms, behaviour: behaviours[name] });
  const { pid } = session.proc;
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(developerCore), String(pid)], {
    stdio: "ignore",
  });
  if (name === "stopped") session.proc.pause();
  return await act();
}
