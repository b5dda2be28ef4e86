import { Command } from "commander";
import {
  addOutgoingOptions,
  noOutgoingGiven,
  type OutgoingFlags,
  outgoingRulesText,
} from "./outgoing-options.ts";
import { addConfigOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie explain host` as they were written. */
export interface ExplainHostFlags extends OutgoingFlags {
  readonly hosts: readonly string[];
  readonly output: "text" | "json";
}

/** What `magpie explain host` understands. */
export function explainHostCommand(group: Command, run: (flags: ExplainHostFlags) => Promise<void>): Command {
  const command = new Command("host")
    .copyInheritedSettings(group)
    .description("Tell where what a program sends to a host or socket would leave, and which rule decides.")
    .usage("<host…> [--outgoing <rule>] [options]")
    .argument("<hosts...>", "like redis:6379, udp://10.96.0.10:53, [fd00::1]:443 or unix:/run/app.sock");
  return addConfigOptions(addOutgoingOptions(command))
    .addOption(outputOption())
    .addHelpText("after", `${outgoingRulesText}${examples}`)
    .action((hosts: readonly string[], flags: Partial<OutgoingFlags> & Omit<ExplainHostFlags, "hosts">) =>
      run({ ...noOutgoingGiven, ...flags, hosts }),
    );
}

const examples = `

Examples:
  magpie explain host redis:6379
  magpie explain host db.corp.example unix:/var/run/docker.sock --outgoing 'local:*.corp.example'

No agent is asked: of what only the pod knows, such as its search domains, it is told what would depend on it.
With --output json a line for each: {"event":"host","asked","where","rule","builtIn","because","unless":[{"rule","where",
"when"}],"lookup":{"where","rule","because","unless"},"explanation"}; where: local, remote or absent; lookup is null without a
name.
Exit codes: 0 told, 2 wrong command line.`;
