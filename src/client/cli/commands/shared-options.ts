import { type Command, Option } from "commander";

/** Whose requests, and of which cluster where it is one of a cluster. */
export function addTargetOptions(command: Command): Command {
  return addClusterOptions(
    command.addOption(
      new Option(
        "-t, --target <target>",
        "deployment/<name>, pod/<name> … or label:<key>=<value>, each with /container/<name> or not; " +
          "of this machine: container:<name>, pid:<number>, netns:<name>, netns:/path, or netns:web-* for several",
      ).env("MAGPIE_TARGET"),
    ),
  );
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
