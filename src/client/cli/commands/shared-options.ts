import { type Command, Option } from "commander";

/** Whose requests, and of which cluster where it is one of a cluster. */
export function addTargetOptions(command: Command): Command {
  return addClusterOptions(
    addConfigOptions(
      command.option(
        "-t, --target <target>",
        "deployment/<name>, pod/<name> … or label:<key>=<value>, each with /container/<name> or not; " +
          "of this machine: container:<name>, pid:<number>, netns:<name>, netns:/path, or netns:web-* for several",
      ),
    ),
  );
}

/** Which config, and which of its profiles. What it says is filled in by `settings/apply-settings.ts`. */
export function addConfigOptions(command: Command): Command {
  const isTaken = command.options.some(({ short }) => short === "-f");
  return command
    .option(
      isTaken ? "--config <file>" : "-f, --config <file>",
      "the config (default: .magpie/magpie.json and the like, here or up to the root of the repository)",
    )
    .option("--no-config", "read no config")
    .option("--profile <name>", "which profile of the config");
}

/** Which cluster, as kubectl takes it. */
export function addClusterOptions(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "of the cluster (default: the context's)")
    .option("--context <name>", "of the kubeconfig (default: the current one)")
    .option("--kubeconfig <file>", "which kubeconfig (default: KUBECONFIG, or ~/.kube/config)")
    .option(
      "--agent-namespace <name>",
      "where agents are that are pods of their own (default: the namespace of the target)",
    );
}

/** For whom the output is. */
export function outputOption(): Option {
  return new Option("--output <form>", "for people, or JSON lines for programs")
    .choices(["text", "json"])
    .default("text");
}
