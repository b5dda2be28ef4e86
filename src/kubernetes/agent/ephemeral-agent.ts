import { randomBytes } from "node:crypto";
import type { EphemeralContainer, Pod } from "../api/objects.ts";
import { type AgentSettings, agentProgram, runArguments } from "./agent-arguments.ts";
import { statusOf } from "./agent-place.ts";
import type { AgentPlacement } from "./placement.ts";

/** The image's own user; another image may not know its name, so it is named by number. */
const agentUser = 65_532;

/**
 * The agent as an ephemeral container of a pod, with no more than it needs: NET_ADMIN to redirect ports; SYS_PTRACE and
 * DAC_READ_SEARCH only to look into an app of another user. It shares the processes of the target's container, sees that one's
 * files by /proc/1/root, and holds no secret: its command can be read by whoever may read the pod, for good.
 */
export function ephemeralAgent(about: {
  readonly pod: Pod;
  /** The target's container. */
  readonly container: string;
  readonly placement: AgentPlacement;
  readonly settings: AgentSettings;
}): EphemeralContainer {
  const { placement, settings, container } = about;
  const { imagePullPolicy, securityContext } = placement;
  return {
    name: `magpie-${randomBytes(4).toString("hex")}`,
    image: placement.image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    command: [agentProgram],
    args: runArguments({ ...settings, lingerMs: placement.lingerMs }, rootOf(about.pod, container)),
    targetContainerName: container,
    securityContext: {
      runAsUser: agentUser,
      runAsGroup: agentUser,
      runAsNonRoot: true,
      ...securityContext,
      capabilities: {
        drop: ["ALL"],
        add: [
          "NET_ADMIN",
          ...(settings.looksIntoApp || placement.looks ? ["SYS_PTRACE", "DAC_READ_SEARCH"] : []),
        ],
        ...securityContext.capabilities,
      },
    },
  };
}

/**
 * Where the container's files are. In a pod whose containers share their processes the first one is the sandbox's, and in one that
 * sees those of its node it is the node's: there the agent looks for the container's.
 */
function rootOf(pod: Pod, container: string): string {
  if (pod.spec.shareProcessNamespace !== true && pod.spec.hostPID !== true) return "/proc/1/root";
  return `container:${statusOf(pod, container)?.containerID ?? ""}`;
}
