import { exitCodes } from "../exit-codes.ts";
import { withTarget } from "./actions/with-target.ts";
import { runProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

// Who reads us, or started us, may go away; that is no failure of ours, and a session must end in good order.
process.stdout.on("error", hangUp);
process.stderr.on("error", () => undefined);
process.once("disconnect", hangUp);
process.channel?.unref();

// The launcher's own mark, which is nothing to the program.
delete process.env["MAGPIE_REEXEC"];

const parsed = await runProgram(process.argv.slice(2), {
  version: packageVersion(),
  // Each command loads what it needs and no more: help and mistakes should come at once.
  actions: {
    steal: (flags) =>
      withTarget(flags, async (flags) => (await import("./actions/steal.ts")).runSteal(flags)),
    mirror: (flags) =>
      withTarget(flags, async (flags) => (await import("./actions/mirror.ts")).runMirror(flags)),
    exec: async (flags) =>
      (await refusedHere()) ??
      withTarget(flags, async (flags) => (await import("./actions/exec.ts")).runExecAction(flags)),
    doctor: (flags) =>
      withTarget(flags, async (flags) => (await import("./actions/doctor.ts")).runDoctor(flags)),
    targets: async (flags) => (await import("./actions/targets.ts")).runTargets(flags),
    sessions: async (flags) => (await import("./actions/sessions.ts")).runSessions(flags),
    release: async (flags) => (await import("./actions/release.ts")).runRelease(flags),
    filterSet: async (flags) => (await import("./actions/filter-set.ts")).runFilterSet(flags),
    filterTry: async (flags) => (await import("./actions/filter-try.ts")).runFilterTry(flags),
    inspect: async (flags) => (await import("./actions/inspect.ts")).runInspect(flags),
    inspectHar: async (flags) => (await import("./actions/inspect.ts")).runInspectHar(flags),
    metrics: async (flags) => (await import("./actions/metrics.ts")).runMetrics(flags),
    why: async (flags) => (await import("./actions/why.ts")).runWhy(flags),
    watch: async (flags) => (await import("./actions/watch.ts")).runWatch(flags),
    expect: async (flags) => (await import("./actions/expect.ts")).runExpect(flags),
    env: async (flags) => (await import("./actions/env.ts")).runEnv(flags),
    explainHost: async (flags) => (await import("./actions/explain-host.ts")).runExplainHost(flags),
    explainEnv: async (flags) => (await import("./actions/explain-env.ts")).runExplainEnv(flags),
    configShow: async (flags, applied) =>
      (await import("./actions/config-show.ts")).runConfigShow(flags, applied),
    configCheck: async (flags) => (await import("./actions/config-check.ts")).runConfigCheck(flags),
    configConvert: async (flags) => (await import("./actions/config-convert.ts")).runConfigConvert(flags),
    configSchema: async () => (await import("./actions/config-schema.ts")).runConfigSchema(),
    configInit: async (flags) => (await import("./actions/config-init.ts")).runConfigInit(flags),
    agentStatus: async (flags) => (await import("./actions/agent.ts")).runAgentStatus(flags),
    agentLogs: async (flags) => (await import("./actions/agent.ts")).runAgentLogs(flags),
    agentStop: async (flags) => (await import("./actions/agent.ts")).runAgentStop(flags),
    agentImage: async () => (await import("./actions/agent.ts")).runAgentImage(),
    completion: async (flags) => (await import("./actions/completion.ts")).runCompletion(flags),
    complete: async (root, words) => (await import("./actions/completion.ts")).answerCompletion(root, words),
    explainPath: async (flags) => (await import("./actions/explain-path.ts")).runExplainPath(flags),
  },
  settings: { environment: process.env, folder: folderHere() },
  output: {
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
    columns: process.stdout.columns || 80,
    errorColumns: process.stderr.columns || undefined,
  },
});
// On a pipe a long answer is still on its way, and exit would cut it off.
await Promise.all([process.stdout, process.stderr].map(written));
// A stream that some library still holds must not keep a finished command from ending.
process.exit("misunderstood" in parsed ? exitCodes.usage : parsed.exitCode);

/** Resolves when all that was written has left, or nobody reads it any more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

function hangUp(): void {
  process.emit("SIGHUP", "SIGHUP");
}

/** The folder one is in; the root where it is not there any more, in which nobody has a config. */
function folderHere(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

/** What exec is made of cannot even be loaded elsewhere. */
async function refusedHere(): Promise<number | undefined> {
  if (process.platform === "linux") return undefined;
  return (await import("./actions/other-system.ts")).refuseOtherSystem();
}
