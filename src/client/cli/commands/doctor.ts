import { Command } from "commander";
import type { DoctorFlags } from "../../doctor/doctor-plan.ts";
import { addAgentOptions } from "./agent-options.ts";
import { collect } from "./collect.ts";
import { addTargetOptions, outputOption } from "./shared-options.ts";

/** What `magpie doctor` understands. */
export function doctorCommand(root: Command, run: (flags: DoctorFlags) => Promise<void>): Command {
  const command = new Command("doctor")
    .copyInheritedSettings(root)
    .description(
      "Find out what would keep a session with a target from working, and how to mend it. Makes nothing.",
    )
    .usage("--target <target> [--steal] [--mirror] [--exec] [options]")
    .allowExcessArguments(false);
  return addAgentOptions(addTargetOptions(command))
    .option("--steal", "look at what stealing requests takes", false)
    .option("--mirror", "look at what mirroring requests takes", false)
    .option(
      "--exec",
      "look at what exec takes, and env: the app's variables and files (default: all three)",
      false,
    )
    .option("-p, --port <mapping>", "a port of the target, as 80 or 80:8080; repeatable", collect)
    .option(
      "--rbac",
      "print the smallest Role and RoleBinding that this takes, as YAML for an administrator",
      false,
    )
    .option(
      "--exception",
      "print the namespace with a Pod Security level that allows the agent, as YAML",
      false,
    )
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action((flags: DoctorFlags) => run({ ...flags, port: flags.port ?? [] }));
}

const examples = `
Of a cluster it looks at your rights, at what admission would say (by a dry run), at node, network, mesh and quotas, and at the
pod's probes; what you may not look at is only noted. Of this machine it looks at your privileges, at each way of redirection
that the kernel has, and at the sandboxes of exec.

Examples:
  magpie doctor --target deployment/web --steal --port 8080
  magpie doctor --target deployment/web --exec --output json
  magpie doctor --target deployment/web --rbac | kubectl apply -f -          (by whoever may)
  magpie doctor --target deployment/web --exception | kubectl apply -f -
  magpie doctor --target container:shop

With --rbac or --exception stdout has the YAML, and nothing else; findings go to stderr.
With --output json a line for each: {"event":"finding","id","level","what","why","fix"}, level: blocker, warning, note or ok;
then {"event":"verdict","target","blockers","warnings"}.
Exit codes: 0 nothing in the way, 1 a blocker was found or it failed, 2 wrong command line.`;
