import { Command, CommanderError, Help } from "commander";
import { reflow } from "../text/reflow.ts";
import type { ExecFlags } from "../exec/index.ts";
import type { MirrorFlags } from "../mirror/index.ts";
import type { StealFlags } from "../steal/index.ts";
import type { DoctorFlags } from "../doctor/doctor-plan.ts";
import { configCommand } from "./commands/config.ts";
import type { ConfigCheckFlags } from "./commands/config-check.ts";
import type { ConfigConvertFlags } from "./commands/config-convert.ts";
import type { ConfigInitFlags } from "./commands/config-init.ts";
import type { ConfigShowFlags } from "./commands/config-show.ts";
import { agentCommand, type AgentFlags, type AgentLogFlags } from "./commands/agent.ts";
import { completionCommand } from "./commands/completion.ts";
import type { Shell } from "./completion/shell-scripts.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { type EnvFlags, envCommand } from "./commands/env.ts";
import { execCommand } from "./commands/exec.ts";
import { type ExpectFlags, expectCommand } from "./commands/expect.ts";
import { explainCommand } from "./commands/explain.ts";
import type { ExplainEnvFlags } from "./commands/explain-env.ts";
import type { ExplainHostFlags } from "./commands/explain-host.ts";
import type { ExplainPathFlags } from "./commands/explain-path.ts";
import { filterCommand } from "./commands/filter.ts";
import type { FilterSetFlags } from "./commands/filter-set.ts";
import type { FilterTryFlags } from "./commands/filter-try.ts";
import { type ReleaseFlags, releaseCommand } from "./commands/release.ts";
import { type InspectCommandFlags, type InspectHarFlags, inspectCommand } from "./commands/inspect.ts";
import { mirrorCommand } from "./commands/mirror.ts";
import { metricsCommand } from "./commands/metrics.ts";
import { sessionsCommand } from "./commands/sessions.ts";
import { stealCommand } from "./commands/steal.ts";
import {
  type AppliedSettings,
  applySettings,
  nothingApplied,
  type SettingsPlace,
} from "./settings/apply-settings.ts";
import { SettingsRefused } from "./settings/settings-refused.ts";
import { refusedLine, refusedText, wantsJson } from "./settings/tell-refused.ts";
import { tellConfig } from "./settings/tell-config.ts";
import type { TargetFlags } from "./commands/target-command.ts";
import { type TargetsFlags, targetsCommand } from "./commands/targets.ts";
import { type WatchFlags, watchCommand } from "./commands/watch.ts";
import { type WhyFlags, whyCommand } from "./commands/why.ts";

/** What the commands do. */
export interface Actions {
  readonly steal: (flags: StealFlags) => Promise<number>;
  readonly mirror: (flags: MirrorFlags) => Promise<number>;
  readonly exec: (flags: ExecFlags) => Promise<number>;
  readonly doctor: (flags: DoctorFlags) => Promise<number>;
  readonly targets: (flags: TargetsFlags) => Promise<number>;
  readonly sessions: (flags: TargetFlags) => Promise<number>;
  readonly release: (flags: ReleaseFlags) => Promise<number>;
  readonly filterSet: (flags: FilterSetFlags) => Promise<number>;
  readonly metrics: (flags: TargetFlags) => Promise<number>;
  readonly filterTry: (flags: FilterTryFlags) => Promise<number>;
  readonly why: (flags: WhyFlags) => Promise<number>;
  readonly watch: (flags: WatchFlags) => Promise<number>;
  readonly expect: (flags: ExpectFlags) => Promise<number>;
  readonly env: (flags: EnvFlags) => Promise<number>;
  readonly inspect: (flags: InspectCommandFlags) => Promise<number>;
  readonly inspectHar: (flags: InspectHarFlags) => Promise<number>;
  readonly explainEnv: (flags: ExplainEnvFlags) => Promise<number>;
  readonly explainHost: (flags: ExplainHostFlags) => Promise<number>;
  readonly agentStatus: (flags: AgentFlags) => Promise<number>;
  readonly agentLogs: (flags: AgentLogFlags) => Promise<number>;
  readonly agentStop: (flags: AgentFlags) => Promise<number>;
  readonly agentImage: () => Promise<number>;
  readonly completion: (flags: { readonly shell: Shell }) => Promise<number>;
  /** A shell asks what the last of the words may become. */
  readonly complete: (root: Command, words: readonly string[]) => Promise<number>;
  readonly explainPath: (flags: ExplainPathFlags) => Promise<number>;
  readonly configShow: (flags: ConfigShowFlags, applied: AppliedSettings) => Promise<number>;
  readonly configCheck: (flags: ConfigCheckFlags) => Promise<number>;
  readonly configConvert: (flags: ConfigConvertFlags) => Promise<number>;
  readonly configSchema: () => Promise<number>;
  readonly configInit: (flags: ConfigInitFlags) => Promise<number>;
}

/** Where commander's own words go. */
export interface Output {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** How wide help may be. */
  readonly columns: number;
  /** How wide errors may be; without it they are not broken. */
  readonly errorColumns?: number | undefined;
}

/** Gives the exit code of a command, or that the command line was not understood; what was wrong has been written. */
export type Parsed = { readonly exitCode: number } | { readonly misunderstood: true };

/**
 * Reads a command line and runs its command. The one place that knows commander.
 * What follows `--` is the user's program and is never looked at.
 */
export async function runProgram(
  words: readonly string[],
  about: {
    version: string;
    actions: Actions;
    output: Output;
    /** Where variables and a config are looked for; nowhere when absent. */
    settings?: SettingsPlace;
  },
): Promise<Parsed> {
  const dashes = words.indexOf("--");
  const own = dashes === -1 ? words : words.slice(0, dashes);
  const program = dashes === -1 ? undefined : words.slice(dashes + 1);
  let exitCode = 0;
  const command = rootCommand(about);
  const { settings } = about;
  let acting: Command | undefined;
  let applied: AppliedSettings = nothingApplied;
  command.hook("preAction", async (_root, action) => {
    acting = action;
    if (settings === undefined) return;
    applied = await applySettings(action, settings);
    tellConfig(action, { ...about, applied });
  });
  const { actions } = about;
  const run =
    <Flags>(action: (flags: Flags) => Promise<number>) =>
    async (flags: Flags): Promise<void> => {
      exitCode = await action(flags);
    };
  const steal = run<Omit<StealFlags, "program">>((flags) => actions.steal({ ...flags, program }));
  command.addCommand(stealCommand(command, steal));
  const mirror = run<Omit<MirrorFlags, "program">>((flags) => actions.mirror({ ...flags, program }));
  command.addCommand(mirrorCommand(command, mirror));
  const exec = run<Omit<ExecFlags, "program">>((flags) => actions.exec({ ...flags, program }));
  command.addCommand(execCommand(command, exec));
  command.addCommand(doctorCommand(command, run(actions.doctor)));
  command.addCommand(targetsCommand(command, run(actions.targets)));
  command.addCommand(sessionsCommand(command, run(actions.sessions)));
  command.addCommand(whyCommand(command, run(actions.why)));
  command.addCommand(watchCommand(command, run(actions.watch)));
  command.addCommand(expectCommand(command, run(actions.expect)));
  command.addCommand(releaseCommand(command, run(actions.release)));
  command.addCommand(filterCommand(command, { set: run(actions.filterSet), try: run(actions.filterTry) }));
  command.addCommand(
    inspectCommand(command, { inspect: run(actions.inspect), har: run(actions.inspectHar) }),
  );
  command.addCommand(metricsCommand(command, run(actions.metrics)));
  command.addCommand(envCommand(command, run(actions.env)));
  command.addCommand(
    explainCommand(command, {
      env: run(actions.explainEnv),
      host: run(actions.explainHost),
      path: run(actions.explainPath),
    }),
  );
  command.addCommand(
    configCommand(command, {
      show: run((flags) => actions.configShow(flags, applied)),
      check: run(actions.configCheck),
      convert: run(actions.configConvert),
      schema: run<void>(actions.configSchema),
      init: run(actions.configInit),
    }),
  );
  command.addCommand(
    agentCommand(command, {
      status: run(actions.agentStatus),
      logs: run(actions.agentLogs),
      stop: run(actions.agentStop),
      image: run<void>(actions.agentImage),
    }),
  );
  command.addCommand(completionCommand(command, run(actions.completion)));
  group(command);
  if (words[0] === completionWord) return { exitCode: await actions.complete(command, words.slice(1)) };
  try {
    await command.parseAsync([...own], { from: "user" });
    return { exitCode };
  } catch (error) {
    if (error instanceof SettingsRefused) {
      about.output.writeErr(refusedText(error));
      // With a program stdout belongs to it.
      const write = program === undefined ? about.output.writeOut : about.output.writeErr;
      if (acting !== undefined && wantsJson(acting, settings)) write(`${refusedLine(error)}\n`);
      return { misunderstood: true };
    }
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end the parsing with exit code 0 too; help in place of a missing command is a mistake.
    return error.exitCode === 0 ? { exitCode: 0 } : { misunderstood: true };
  }
}

function rootCommand(about: { version: string; output: Output }): Command {
  return new Command("magpie")
    .description(
      "Runs a program in the place of a pod, or steals or mirrors requests: your own program answers them, or a copy.",
    )
    .version(about.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpCommand(
      new Command("help")
        .argument("[command]")
        .helpOption(false)
        .description("Print the help of a command.")
        .helpGroup("Set up:"),
    )
    .addHelpText("after", rootExamples)
    .configureOutput({
      writeOut: (text) => about.output.writeOut(reflow(text, about.output.columns)),
      writeErr: (text) => about.output.writeErr(forErrors(text, about.output)),
      getErrHelpWidth: () => about.output.columns,
      getOutHelpWidth: () => about.output.columns,
    })
    .showHelpAfterError("(--help shows all options, with examples)")
    .exitOverride();
}

/** Help is as wide as it is everywhere; what programs may read of an error is in one line. */
function forErrors(text: string, { columns, errorColumns }: Output): string {
  if (!text.startsWith("error:")) return reflow(text, columns);
  return errorColumns === undefined ? text : reflow(text, errorColumns);
}

/** What the shells' scripts call. */
const completionWord = "__complete";

/** What people want to do, in the order in which the help shows it. */
const groups: readonly (readonly [heading: string, commands: readonly string[]])[] = [
  ["Work in the place of a pod:", ["steal", "mirror", "exec"]],
  ["See what happens:", ["why", "watch", "inspect", "sessions", "metrics", "expect"]],
  ["Change what runs:", ["filter", "release"]],
  ["Find out beforehand:", ["targets", "doctor", "env", "explain"]],
  ["Set up:", ["config", "agent", "completion", "help"]],
];

function group(command: Command): void {
  const ranks = new Map(groups.flatMap(([heading, names]) => names.map((name) => [name, heading] as const)));
  for (const one of command.commands) {
    one.helpGroup(ranks.get(one.name()) ?? "Others:");
    if (one.commands.length > 0) one.helpCommand("help [command]", "Print the help of a command.");
  }
  const order = groups.flatMap(([, names]) => names);
  const rank = (one: Command): number => (order.indexOf(one.name()) + 1 || order.length) - 1;
  command.configureHelp({
    visibleCommands: (shown) =>
      Help.prototype.visibleCommands
        .call(command.createHelp(), shown)
        .toSorted((a, b) => (shown === command ? rank(a) - rank(b) : 0)),
  });
}

const rootExamples = `
Examples:
  magpie steal -t deployment/web -p 80:8080 --header 'x-user: alice'
  magpie steal -t pid:4711 -p 80:3000 -- npm run dev
  magpie mirror -t netns:shop -p 80:8080 --compare
  magpie exec -t deployment/web -- npm run dev
  magpie why --follow
  magpie filter set --header 'x-user: bob'
  magpie doctor -t deployment/web

Without --target you are asked for one. \`magpie help <command>\` has more
examples; exit codes are told there, and in docs/exit-codes.md.`;
