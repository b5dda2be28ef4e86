import { type Command, Option } from "commander";
import { collect } from "./collect.ts";

/** How an agent is put beside a pod of a cluster, where none runs there. */
export function addAgentOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--agent <form>",
        "an ephemeral container of the pod, a pod of its own on the pod's node, or the first that is allowed",
      ).choices(["auto", "ephemeral", "pod"]),
    )
    .option("--agent-image <image>", "the agent's image, with a tag or a digest (default: ours)")
    .addOption(
      new Option("--agent-pull-policy <policy>", "when the node pulls it").choices([
        "Always",
        "IfNotPresent",
        "Never",
      ]),
    )
    .option(
      "--agent-linger <duration>",
      "how long the agent stays when its last client has left (default: 10s)",
    )
    .option("--agent-timeout <duration>", "how long is waited for it to run (default: 2m)")
    .option("--agent-looks", "it may look into the app too, for others who use exec or env beside you")
    .option(
      "--agent-security <json>",
      "more of its securityContext, like '{\"readOnlyRootFilesystem\":true}'",
    )
    .option("--agent-pull-secret <name>", "of an agent that is a pod; repeatable", collect)
    .option("--agent-requests <amounts>", "the same: cpu=50m,memory=64Mi")
    .option("--agent-limits <amounts>", "the same: cpu=1,memory=512Mi")
    .option(
      "--agent-toleration <taint>",
      "the same (default: any taint): key=value:NoSchedule; repeatable",
      collect,
    )
    .option("--agent-label <pair>", "the same: key=value; repeatable", collect)
    .option("--agent-annotation <pair>", "the same: key=value; repeatable", collect)
    .option("--agent-runtime-class <name>", "the same")
    .option("--agent-deadline <duration>", "the same: it lives no longer, whatever happens (default: 12h)");
}
