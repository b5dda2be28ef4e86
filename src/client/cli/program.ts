import { Command, CommanderError } from "commander";
import type { ExecFlags } from "../exec/index.ts";
import type { MirrorFlags } from "../mirror/index.ts";
import type { StealFlags } from "../steal/index.ts";
import type { DoctorFlags } from "../doctor/doctor-plan.ts";
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
import { mirrorCommand } from "./commands/mirror.ts";
import { metricsCommand } from "./commands/metrics.ts";
import { sessionsCommand } from "./commands/sessions.ts";
import { stealCommand } from "./commands/steal.ts";
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
  readonly explainEnv: (flags: ExplainEnvFlags) => Promise<number>;
  readonly explainHost: (flags: ExplainHostFlags) => Promise<number>;
  readonly explainPath: (flags: ExplainPathFlags) => Promise<number>;
}

/** Where commander's own words go. */
export interface Output {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** Gives the exit code of a command, or that the command line was not understood; what was wrong has been written. */
export type Parsed = { readonly exitCode: number } | { readonly misunderstood: true };

/**
 * Reads a command line and runs its command. The one place that knows commander.
 * What follows `--` is the user's program and is never looked at.
 */
export async function runProgram(
  words: readonly string[],
  about: { version: string; actions: Actions; output: Output },
): Promise<Parsed> {
  const dashes = words.indexOf("--");
  const own = dashes === -1 ? words : words.slice(0, dashes);
  const program = dashes === -1 ? undefined : words.slice(dashes + 1);
  let exitCode = 0;
  const command = rootCommand(about);
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
  command.addCommand(metricsCommand(command, run(actions.metrics)));
  command.addCommand(envCommand(command, run(actions.env)));
  command.addCommand(
    explainCommand(command, {
      env: run(actions.explainEnv),
      host: run(actions.explainHost),
      path: run(actions.explainPath),
    }),
  );
  try {
    await command.parseAsync([...own], { from: "user" });
    return { exitCode };
  } catch (error) {
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
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", rootExamples)
    .configureOutput({ writeOut: about.output.writeOut, writeErr: about.output.writeErr })
    .showHelpAfterError("(--help shows all options, with examples)")
    .exitOverride();
}

const rootExamples = `
Examples:
  magpie steal --target netns:shop --port 80:8080 --header 'x-user: alice'
  magpie steal --target pid:4711 --port 80:3000 -- npm run dev
  magpie mirror --target netns:shop --port 80:8080 --compare
  magpie exec --target netns:shop -- npm run dev
  magpie doctor --target deployment/web
  magpie targets
  magpie sessions --target netns:shop
  magpie filter set --header 'x-user: bob'
  magpie release
  magpie metrics --target netns:shop
  magpie env --target netns:shop
  magpie help exec`;
