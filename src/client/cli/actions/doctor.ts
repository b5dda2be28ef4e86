import { textOfLine } from "../../json-lines/index.ts";
import {
  type ClusterExamination,
  type DoctorFlags,
  examineCluster,
  examineHost,
  findingLines,
  verdictLine,
  wantedOf,
  type WantedFeatures,
} from "../../doctor/index.ts";
import { placedError } from "../../config/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import type { Finding } from "../../../kubernetes/index.ts";
import { Interrupts } from "../../running/index.ts";
import { clusterChoiceOf, formatTarget, parseTarget } from "../../target/index.ts";
import { paintFor } from "../../text/paint.ts";
import { tellError, tellNote, writeTo } from "./terminal.ts";

/** Runs `magpie doctor`; gives the exit code. */
export async function runDoctor(flags: DoctorFlags): Promise<number> {
  using interrupts = new Interrupts();
  try {
    return await examined(flags, interrupts.graceful);
  } catch (cause) {
    if (interrupts.graceful.aborted) return exitCodes.signalBase + 2;
    const error = placedError(await clientError(cause));
    tellError(error);
    const { code, message, hint } = error;
    if (flags.output === "json")
      process.stdout.write(`${textOfLine({ event: "ended", code, message, hint: hint ?? null })}\n`);
    return exitCodeOf(code);
  }
}

async function examined(flags: DoctorFlags, signal: AbortSignal): Promise<number> {
  const wanted = wantedOf(flags);
  if (!flags.target)
    throw new ClientError("usage", "it is not said what the doctor shall look at", {
      hint: "Add --target deployment/<name>, container:<name> or netns:<name>, or set MAGPIE_TARGET.",
    });
  const target = parseTarget(flags.target, clusterChoiceOf(flags));
  const label = formatTarget(target);
  if (target.kind === "kubernetes") {
    const examination = await examineCluster(target, { wanted, flags, signal });
    const findings = [...examination.findings, ...(await ownFindings(wanted))];
    return told(findings, { flags, label, examination });
  }
  if (flags.rbac || flags.exception)
    throw new ClientError("usage", `${flags.rbac ? "--rbac" : "--exception"} is for targets of a cluster`);
  const { byGravity } = await import("../../../kubernetes/index.ts");
  return told(byGravity(await examineHost(target, { label, wanted, signal })), { flags, label });
}

/** What exec takes on this machine, whatever its target. */
async function ownFindings({ exec }: WantedFeatures): Promise<Finding[]> {
  if (!exec) return [];
  return await (await import("../../doctor/sandbox-findings.ts")).sandboxFindings();
}

function told(
  findings: readonly Finding[],
  about: { readonly flags: DoctorFlags; readonly label: string; readonly examination?: ClusterExamination },
): number {
  const { flags, label, examination } = about;
  const isYaml = examination !== undefined && (flags.rbac || flags.exception);
  const stream = isYaml ? process.stderr : process.stdout;
  const writeLine = writeTo(stream);
  const blockers = findings.filter(({ level }) => level === "blocker").length;
  if (flags.output === "json") {
    for (const { id, level, what, why, fix } of findings)
      writeLine(textOfLine({ event: "finding", id, level, what, why: why ?? null, fix: fix ?? null }));
    const warnings = findings.filter(({ level }) => level === "warning").length;
    writeLine(textOfLine({ event: "verdict", target: label, blockers, warnings }));
  } else {
    const paint = paintFor(stream, process.env);
    for (const line of findingLines(findings, { paint, width: stream.columns ?? 110 })) writeLine(line);
    writeLine(`\n${label}: ${verdictLine(findings, paint)}`);
  }
  if (isYaml) writeYaml(flags, examination);
  return blockers > 0 ? exitCodes.failure : exitCodes.ok;
}

function writeYaml(
  { rbac, exception }: DoctorFlags,
  { role, holder, exception: namespace }: ClusterExamination,
): void {
  process.stdout.write([...(rbac ? [role] : []), ...(exception ? [namespace] : [])].join("---\n"));
  if (rbac && !holder.isCertain)
    tellNote(
      `the API server does not say who you are to it: the Role is for ${JSON.stringify(holder.name)}; correct that before it is applied`,
      "yellow",
    );
}

async function clientError(cause: unknown): Promise<ClientError> {
  if (cause instanceof ClientError) return cause;
  const { KubernetesError } = await import("../../../kubernetes/index.ts");
  if (!(cause instanceof KubernetesError)) throw cause;
  const { clusterError } = await import("../../target/cluster-error.ts");
  return clusterError(cause);
}
