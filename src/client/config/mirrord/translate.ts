import type { Config } from "../schema/index.ts";
import { agentOf } from "./sections/agent.ts";
import { environmentOf } from "./sections/environment.ts";
import { filesOf } from "./sections/files.ts";
import { incomingOf, takesOver } from "./sections/incoming.ts";
import { outgoingOf } from "./sections/outgoing.ts";
import { refuseOthersThings } from "./sections/others-things.ts";
import { targetOf } from "./sections/target.ts";
import type { MirrordConfig } from "./shape/mirrord.ts";
import { mirrordShape } from "./shape/mirrord.ts";
import { goneFields } from "./shape/told.ts";
import type { TranslationReport } from "./translation-report.ts";

/**
 * Writes a config of mirrord as ours, which does the same: what mirrord does where a field is left out, and magpie does not, is
 * written down. `report` gets what is to be told; where it has problems the result is no config.
 */
export function translate(config: MirrordConfig, report: TranslationReport): Config {
  for (const { path, told } of goneFields(mirrordShape, config))
    report.notice(path, `has no counterpart: ${told}`);
  const target = targetOf(config, report);
  const incoming = incomingOf(config, report);
  refuseOthersThings(config, incoming, report);
  const environment = environmentOf(config, report);
  const files = filesOf(config, report);
  const rules = outgoingOf(config, report);
  const agent = agentOf(config);
  return {
    ...(target !== undefined && { target }),
    incoming,
    ...(hasFields(environment) && { environment }),
    ...(files !== undefined && !isUsual(files) && { files }),
    ...(rules.length > 0 && { outgoing: { rules: rules.length === 1 ? (rules[0] ?? "") : rules } }),
    ...(hasFields(agent) && { agent }),
    ...(takesOver(config) && { session: { takeOver: true } }),
  };
}

function hasFields(section: object): boolean {
  return Object.keys(section).length > 0;
}

/** That files are the pod's, to read, is so here as well when nobody says it. */
function isUsual(files: NonNullable<Config["files"]>): boolean {
  return files.mode === "read" && files.rules === undefined;
}
