import { Command } from "commander";
import type { ClusterChoice } from "../../target/index.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** The flags of the commands of `magpie agent`, as they were written. */
export interface AgentFlags extends ClusterChoice {
  readonly target?: string;
  readonly output: "text" | "json";
}

export interface AgentLogFlags extends AgentFlags {
  readonly lines: string;
  readonly follow: boolean;
}

/** What `magpie agent` understands. */
export function agentCommand(
  root: Command,
  run: {
    readonly status: (flags: AgentFlags) => Promise<void>;
    readonly logs: (flags: AgentLogFlags) => Promise<void>;
    readonly stop: (flags: AgentFlags) => Promise<void>;
    readonly image: () => Promise<void>;
  },
): Command {
  const part = (name: string, description: string): Command =>
    new Command(name).copyInheritedSettings(root).description(description).allowExcessArguments(false);
  const ofTarget = (name: string, description: string): Command =>
    addTargetOptions(part(name, description).usage("[--target <target>] [options]")).addOption(
      outputOption(),
    );
  return new Command("agent")
    .copyInheritedSettings(root)
    .description(
      "Look after the agent of a target. It comes by itself with the first session, and goes with the last.",
    )
    .addCommand(
      ofTarget("status", "Tell whether an agent runs, which one, since when, and who uses it.")
        .addHelpText("after", statusExamples)
        .action(run.status),
    )
    .addCommand(
      ofTarget("logs", "Print what the agent has logged; of one that has ended, what is left of it.")
        .option("--lines <number>", "the latest lines", "100")
        .option("--follow", "go on with what comes", false)
        .addHelpText("after", logExamples)
        .action(run.logs),
    )
    .addCommand(
      ofTarget("stop", "End the agent, unless somebody uses it.")
        .addHelpText("after", stopExamples)
        .action(run.stop),
    )
    .addCommand(
      part("image", "Print the image that an agent in a cluster is made of, to be mirrored or pulled before.")
        .addHelpText("after", imageExamples)
        .action(run.image),
    )
    .addHelpText("after", examples);
}

const examples = `
Examples:
  magpie agent status --target deployment/web
  magpie agent logs --target netns:shop --follow
  magpie agent stop --target container:shop
  podman pull "$(magpie agent image)"

How it is placed in a cluster is said by the --agent flags of steal, mirror and exec; docs/agent-in-a-cluster.md tells of them.`;

const statusExamples = `
Examples:
  magpie agent status
  magpie agent status --target deployment/web --output json

Without --target it is the one where sessions of yours run.
With --output json a line for each pod: {"event":"agent","target","isRunning","agent","since","version","backend","memoryBytes",
  "sessions":[{"id","name"}],"member"}; the fields behind isRunning are null where none runs.
Exit codes: 0 told, also when none runs, 1 failed, 2 wrong command line.`;

const logExamples = `
Examples:
  magpie agent logs --target netns:shop
  magpie agent logs --target deployment/web --lines 20 --follow

The log has one JSON object a line. It names requests by method, path and id, and never shows values of fields or bodies.
With --output json a line for each: {"event":"agent-log","line","member"}.
Exit codes: 0 printed, or left by Ctrl-C, 1 failed, also when no agent has run, 2 wrong command line.`;

const stopExamples = `
Examples:
  magpie agent stop --target netns:shop

It is for an agent that lingers: one that somebody uses stays, and \`magpie sessions\` tells who that is. Traffic goes to the app.
With --output json a line for each pod: {"event":"agent-stopped","target","outcome","member"}; outcome: ended, none or in-use.
Exit codes: 0 none runs now, 1 failed, or somebody uses it, 2 wrong command line.`;

const imageExamples = `
Examples:
  magpie agent image
  podman pull "$(magpie agent image)"
  magpie steal --target deployment/web --port 80 --agent-image registry.example/magpie-agent:1.2.3

MAGPIE_AGENT_IMAGE is heeded, as --agent-image does.
Exit codes: 0 printed, 2 wrong command line.`;
