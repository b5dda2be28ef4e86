import { ClientError } from "../errors.ts";
import { parseTargetPort } from "../subscription-flags/index.ts";
import { parseDuration } from "../text/duration.ts";
import { type ConditionFlags, conditionsOfFlags } from "./conditions-of-flags.ts";
import type { ExpectPlan, Since } from "./expectation.ts";
import { checkReportFile } from "./report-file.ts";

/** The flags of `magpie expect` that say what is looked for, and for how long. */
export interface ExpectPlanFlags extends ConditionFlags {
  readonly port?: string;
  readonly probes: boolean;
  readonly since: string;
  readonly within: string;
  readonly for?: string;
  readonly wait: string;
  readonly junit?: string;
}

const maxMs = 24 * 3_600_000;
const durationHint = "Write a duration like 500ms, 30s, 5m or 1h30m, 24h at most.";

/** Reads them all; what is wrong is added to `problems`. */
export function expectPlanOf(
  flags: ExpectPlanFlags,
  problems: ClientError[],
): ExpectPlan & { readonly waitMs: number } {
  const duration = (flag: string, text: string): number => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms <= maxMs) return ms;
    problems.push(
      new ClientError("usage", `${flag} ${JSON.stringify(text)} is no duration`, { hint: durationHint }),
    );
    return 0;
  };
  const since: Since =
    flags.since === "start" || flags.since === "session"
      ? flags.since
      : { agoMs: duration("--since", flags.since) };
  const conditions = conditionsOfFlags(flags, problems);
  const attempt = <Value>(read: () => Value): Value | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      problems.push(error);
      return null;
    }
  };
  const { port, junit } = flags;
  if (junit !== undefined) attempt(() => checkReportFile(junit));
  return {
    conditions,
    since,
    withinMs: duration("--within", flags.within),
    forMs: flags.for === undefined ? null : duration("--for", flags.for),
    port: port === undefined ? null : attempt(() => parseTargetPort(port)),
    countsProbes: flags.probes,
    waitMs: duration("--wait", flags.wait),
  };
}
