import { execFile } from "node:child_process";
import { release } from "node:os";
import { promisify } from "node:util";
import type { Finding } from "../../kubernetes/index.ts";
import { ClientError } from "../errors.ts";
import {
  agentCommand,
  type LocalTarget,
  type TargetMember,
  openTarget,
  requirePrivilege,
  resolveTarget,
} from "../target/index.ts";
import type { HostTarget } from "../target/index.ts";
import { isRecord, parseJson } from "../text/json.ts";
import type { WantedFeatures } from "./doctor-plan.ts";
import { sandboxFindings } from "./sandbox-findings.ts";

const execute = promisify(execFile);
const probeTimeoutMs = 20_000;

/** What stands in the way of a session with a target of this machine. Starts nothing that stays. */
export async function examineHost(
  target: HostTarget,
  about: { readonly label: string; readonly wanted: WantedFeatures; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const { wanted, label, signal } = about;
  const kernel: Finding = { id: "kernel", level: "ok", what: `this machine runs Linux ${release()}` };
  const privilege = privilegeFinding();
  const found = await targetFinding(target, label, signal);
  const mayLook = privilege.level !== "blocker";
  const [running, redirect, sandbox] = await Promise.all([
    mayLook && found.isThere ? runningFindings(label, signal) : [],
    mayLook ? redirectFindings(wanted, signal) : [],
    wanted.exec ? sandboxFindings() : [],
  ]);
  return [found.finding, privilege, kernel, ...running, ...redirect, ...sandbox];
}

function privilegeFinding(): Finding {
  try {
    requirePrivilege();
    return {
      id: "privilege",
      level: "ok",
      what: "this user may enter network namespaces and change their rules",
    };
  } catch (error) {
    return findingOf(error, "privilege");
  }
}

async function targetFinding(
  target: HostTarget,
  label: string,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly isThere: boolean }> {
  try {
    const { members } = openTarget(label);
    const what =
      members === undefined
        ? oneOf(resolveTarget(target), label)
        : allOf(await members.list({ signal }), label);
    return { finding: { id: "target", level: "ok", what }, isThere: true };
  } catch (error) {
    return { finding: findingOf(error, "target"), isThere: false };
  }
}

function oneOf({ netnsPath, process }: LocalTarget, label: string): string {
  return `${label} is the network namespace ${netnsPath}${process === undefined ? "" : `, and process ${process} in it`}`;
}

function allOf(members: readonly TargetMember[], label: string): string {
  return `${label} is ${members.length} network namespaces: ${members.map(({ name }) => name).join(", ")}`;
}

/** The agent of the target, where one runs: whoever comes joins it. */
async function runningFindings(label: string, signal: AbortSignal): Promise<Finding[]> {
  try {
    const ticket = await openTarget(label).site.ticketOfRunning({ signal });
    if (ticket === undefined) return [];
    return [
      {
        id: "agent-there",
        level: "ok",
        what: `an agent runs there already (${ticket.agent}): a session joins it`,
      },
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [{ ...findingOf(error, "agent-there"), level: "warning" }];
  }
}

interface BackendReport {
  readonly backend: string;
  readonly verdict: string;
  readonly reason: string;
}

/**
 * Each way of redirection, tried by the agent's own program in a network namespace made for that: the kernel is the same for all of
 * them, and in the target even rules that go again would be felt (address translation turns connection tracking on).
 */
async function redirectFindings(wanted: WantedFeatures, signal: AbortSignal): Promise<Finding[]> {
  const { program, args } = agentCommand;
  const words = ["--net", "--", program, ...args, "probe"];
  let text: string;
  try {
    text = (await execute("unshare", words, { timeout: probeTimeoutMs, signal })).stdout;
  } catch (error) {
    signal.throwIfAborted();
    return [
      {
        id: "redirect",
        level: "blocker",
        what: `the ways of redirection could not be tried: ${error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error)}`,
        fix: "unshare is a part of util-linux",
      },
    ];
  }
  const report = parseJson(text);
  const backends =
    isRecord(report) && Array.isArray(report["backends"]) ? report["backends"].filter(isBackend) : [];
  return judged(backends, wanted);
}

function judged(backends: readonly BackendReport[], wanted: WantedFeatures): Finding[] {
  const isUsable = ({ verdict }: BackendReport): boolean => verdict === "usable";
  const best = backends.find(isUsable);
  const findings: Finding[] = backends.map(({ backend, verdict, reason }) => ({
    id: `redirect-${backend}`,
    level: verdict === "usable" ? "ok" : best === undefined ? "warning" : "note",
    what: `--redirect ${backend} is ${verdict}${verdict === "usable" ? "" : `: ${reason}`}`,
  }));
  if (best !== undefined)
    return [
      ...findings,
      ...(best.backend === "tproxy"
        ? []
        : [
            {
              id: "redirect",
              level: "note",
              what: `requests will be caught by ${best.backend}, which translates addresses`,
              why: "where connection tracking was off before, connections that exist are reset at their next packet",
            } as const,
          ]),
    ];
  return [
    ...findings,
    {
      id: "redirect",
      level: wanted.incoming ? "blocker" : "note",
      what: "no way of redirection works on this machine: requests cannot be taken",
      why: "an environment, files and connections can be had without",
      fix: "install nftables or iptables, and load the modules: modprobe -a nf_tables nft_tproxy nft_socket",
    },
  ];
}

function isBackend(value: unknown): value is BackendReport {
  return (
    isRecord(value) &&
    typeof value["backend"] === "string" &&
    typeof value["verdict"] === "string" &&
    typeof value["reason"] === "string"
  );
}

/** What an error of the client means as a finding. */
export function findingOf(error: unknown, id: string): Finding {
  if (!(error instanceof ClientError)) throw error;
  const { message, hint } = error;
  return { id, level: "blocker", what: message, ...(hint === undefined ? {} : { fix: hint }) };
}
