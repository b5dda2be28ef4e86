import { Command } from "commander";
import type { ClusterChoice } from "../../target/index.ts";
import { addClusterOptions, outputOption } from "./shared-options.ts";

/** The flags of `magpie targets`, as they were written. */
export interface TargetsFlags extends ClusterChoice {
  readonly allNamespaces: boolean;
  readonly pods: boolean;
  readonly output: "text" | "json";
}

/** What `magpie targets` understands. */
export function targetsCommand(root: Command, run: (flags: TargetsFlags) => Promise<void>): Command {
  const command = new Command("targets")
    .copyInheritedSettings(root)
    .description("List what --target may name, of the cluster and of this machine.")
    .usage("[--namespace <name> | --all-namespaces] [options]")
    .allowExcessArguments(false);
  return addClusterOptions(command)
    .option("-A, --all-namespaces", "of every namespace", false)
    .option("--pods", "each pod too, also those that belong to something in the list", false)
    .addOption(outputOption())
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  magpie targets
  magpie targets -n shop
  magpie targets --all-namespaces --pods
  magpie targets --output json

What is of this machine is left out where a flag says which cluster or namespace is meant.
Ready are the pods that services send requests to, of those there should be. Containers that look like sidecars (meshes, log
shippers …) are counted behind a plus; a session takes another one, or the one that /container/<name> names.
With --output json, one line: {"event":"targets","context","namespace","targets":[{"target","kind","namespace","name","ready",
  "wanted","state","containers":[{"name","sidecar"}],"ports","pods","agents","own"}],"local":[{"target","image","tool",
  "isRunning","hasAgent","own"}],"hidden"}. It has every pod. context is null without a cluster, namespace null where all are
  listed; hidden says what could not be read, and why.
Exit codes: 0 listed, also when there is nothing, 1 failed, 2 wrong command line.`;
