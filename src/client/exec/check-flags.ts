import { homedir } from "node:os";
import { resolve } from "node:path";
import { environmentPlan, type VariableFlags } from "../context/index.ts";
import { ClientError } from "../errors.ts";
import type { FileRuleList } from "../files/file-rule.ts";
import { rulesOfFileFlags, type WrittenFileRules } from "../files/rules-of-file-flags.ts";
import { outgoingRules } from "../outgoing/rules/index.ts";
import {
  type Check,
  type CheckedFlags,
  checkSessionFlags,
  findProgram,
  type LocalProgram,
  parsePriority,
  refuseRepeatedPorts,
  type SessionFlags,
} from "../subscription-flags/index.ts";
import type { ExecPlan, IncomingPlan, PortPair } from "./exec-plan.ts";
import { parseIgnoredPort } from "./ignored-port.ts";
import { parsePortPair } from "./port-pair.ts";
import { proxyRules } from "./proxy-rules.ts";

/** The flags of `magpie exec` as they were written. */
export interface ExecFlags extends SessionFlags, VariableFlags {
  readonly port: readonly string[];
  /** Ports of the program that have no requests. */
  readonly ignorePort?: readonly string[];
  /** Whether ports have requests that `port` does not name. */
  readonly otherPorts?: boolean;
  readonly steal: boolean;
  readonly mirror: boolean;
  readonly incoming: boolean;
  readonly onLocalFailure: "original" | "error";
  readonly stealProbes: boolean;
  readonly priority: string;
  readonly servedBy: boolean;
  readonly env: boolean;
  readonly sandbox: ExecPlan["sandbox"];
  /** `mode:pattern` each. */
  readonly file?: readonly string[];
  readonly fs: WrittenFileRules["fs"];
  readonly outgoing: readonly string[];
  /** Whose environment and files, of several pods. */
  readonly from?: string;
  /** The words after `--`; undefined without it. */
  readonly program: readonly string[] | undefined;
}

/** Checks all flags against each other and this machine. Reads only; nothing is started or changed. */
export function checkFlags(
  flags: ExecFlags,
  environment: NodeJS.ProcessEnv = process.env,
): CheckedFlags<ExecPlan> {
  return checkSessionFlags(flags, {
    missing: "in whose place the program is to run",
    environment,
    // Where the program listens is not known before it does.
    ports: () => [],
    own: ({ check }) => {
      const before = flags.sandbox === "off" ? proxyRules : [];
      const variables = check(() => environmentPlan(flags, { before }));
      const incoming = incomingOf(flags, check);
      const program = check(() => programOf(flags.program, environment)) ?? noProgram;
      if (!flags.env && flags.rules.length > 0) check(() => contradiction("--no-env", "rules for variables"));
      const { sandbox, outgoing } = flags;
      check(() => outgoingRules(outgoing));
      const files = check(() => filesOf(flags, program, environment)) ?? noFiles;
      if (sandbox === "off") check(() => refuseSandboxFlags(flags));
      const chosen = flags.env ? variables : undefined;
      const context = { environment: chosen, process: variables?.process, files, outgoing };
      return { program, from: flags.from, incoming, sandbox, ...context };
    },
  });
}

function filesOf(
  { file = [], fs }: ExecFlags,
  program: LocalProgram,
  environment: NodeJS.ProcessEnv,
): FileRuleList {
  const workingDirectory = folderHere();
  const source = { workingDirectory, home: homedir(), environment, program: resolve(program.path) };
  return rulesOfFileFlags({ file, fs }, source);
}

function folderHere(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new ClientError("usage", "the folder that this was started in is not there any more", {
      hint: "Go to one that is, like: cd ~",
      cause,
    });
  }
}

/** Stands for rules that are wrong, which has been noted. */
const noFiles: FileRuleList = { rules: [], otherwise: "local" };

function refuseSandboxFlags({ file = [], fs, outgoing }: ExecFlags): void {
  const idle = [
    ...(file.length > 0 ? ["--file"] : []),
    ...(fs === "read" ? [] : ["--fs"]),
    ...(outgoing.length > 0 ? ["--outgoing"] : []),
  ];
  if (idle.length === 0) return;
  const means = idle.length === 1 ? "means" : "mean";
  throw new ClientError("usage", `${idle.join(" and ")} ${means} nothing with --sandbox off`, {
    hint: "Without a sandbox files and connections are this machine's.",
  });
}

/** Stands for one that is wrong, which has been noted. */
const noProgram: LocalProgram = { name: "", path: "", args: [] };

function programOf(words: readonly string[] | undefined, environment: NodeJS.ProcessEnv): LocalProgram {
  if (words !== undefined) return findProgram(words, environment);
  throw new ClientError("usage", "it is not said which program is to run", {
    hint: "Write it behind --, like: magpie exec --target netns:shop -- npm run dev",
  });
}

function incomingOf(flags: ExecFlags, check: Check): IncomingPlan | undefined {
  const pairs = flags.port
    .map((text) => check(() => parsePortPair(text)))
    .filter((pair) => pair !== undefined);
  check(() => refuseRepeatedPorts(pairs));
  const ports = { ports: pairs, ...otherPortsOf(flags, { pairs, check }) };
  const { steal, mirror, incoming } = flags;
  const filterFlag = filterFlags.find((name) => flags[name].length > 0);
  const asked = [
    ...(steal ? ["--steal"] : []),
    ...(mirror ? ["--mirror"] : []),
    ...(flags.port.length > 0 ? ["--port"] : []),
    ...((flags.ignorePort ?? []).length > 0 ? ["--ignore-port"] : []),
    ...(flags.otherPorts === false ? ["--no-other-ports"] : []),
    ...(filterFlag === undefined ? [] : [`--${filterFlag}`]),
  ];
  if (!incoming) {
    const [first] = asked;
    if (first !== undefined) check(() => contradiction("--no-incoming", first));
    return undefined;
  }
  if (steal && mirror) check(() => contradiction("--steal", "--mirror"));
  const priority = check(() => parsePriority(flags.priority)) ?? 0;
  // Whoever names requests wants to answer them.
  if (steal || (filterFlag !== undefined && !mirror)) {
    const { onLocalFailure, servedBy } = flags;
    const probes = flags.stealProbes ? "steal" : "original";
    return { work: { mode: "steal", priority, onLocalFailure, probes, servedBy }, ...ports };
  }
  check(() => refuseStealFlags(flags, { priority }));
  const copies = { sample: 1, maxPerSecond: null, answerTimeoutMs, compare: undefined };
  return { work: { mode: "mirror", ...copies }, ...ports };
}

/** Which ports that the program opens have no requests. */
function otherPortsOf(
  { ignorePort = [], otherPorts = true }: ExecFlags,
  { pairs, check }: { pairs: readonly PortPair[]; check: Check },
): Pick<IncomingPlan, "ignored" | "others"> {
  const ignored = ignorePort
    .map((text) => check(() => parseIgnoredPort(text)))
    .filter((port) => port !== undefined);
  for (const { programPort } of pairs)
    if (ignored.includes(programPort))
      check(() => contradiction(`--port ${programPort}`, `--ignore-port ${programPort}`));
  return { ignored, others: otherPorts };
}

const filterFlags = ["header", "path", "method", "host", "query", "grpc", "filter"] as const;
/** As `magpie mirror --copy-timeout` has it when nothing is said. */
const answerTimeoutMs = 60_000;

function refuseStealFlags(flags: ExecFlags, { priority }: { priority: number }): void {
  const idle = [
    ...(priority === 0 ? [] : ["--priority"]),
    ...(flags.onLocalFailure === "original" ? [] : ["--on-local-failure"]),
    ...(flags.stealProbes ? ["--steal-probes"] : []),
    ...(flags.servedBy ? ["--served-by"] : []),
  ];
  if (idle.length === 0) return;
  const [means, them] = idle.length === 1 ? ["means", "it is"] : ["mean", "they are"];
  throw new ClientError(
    "usage",
    `${idle.join(" and ")} ${means} nothing to copies: ${them} about stolen requests`,
    {
      hint: "Add --steal, or say which requests by a filter, like --header 'x-user: alice'.",
    },
  );
}

function contradiction(one: string, other: string): never {
  throw new ClientError("usage", `${one} and ${other} contradict each other`, {
    hint: `Leave out one of them.`,
  });
}
