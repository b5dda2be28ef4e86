import { randomBytes } from "node:crypto";
import type { Pod } from "../api/objects.ts";
import { KubernetesError } from "../errors.ts";
import { type AgentSettings, agentProgram, ofContainer, runArguments } from "./agent-arguments.ts";
import { agentPodLabels, statusOf, targetLabel } from "./agent-place.ts";
import type { AgentPlacement } from "./placement.ts";

/** Names beside those of {@link Pod} that only a pod which is made needs. */
export type PodManifest = Pod & { readonly spec: Pod["spec"] & Readonly<Record<string, unknown>> };

/** Time for connections of bystanders, when it is deleted; the kubelet kills it afterwards. */
const leaveSeconds = 60;

/**
 * The agent as a pod of its own on the target's node. From there it enters the network namespace of the target's container, which
 * it finds by the container's id among the processes of the node. That takes the rights of the node: it is privileged and sees all
 * processes. It has no token of the API, no restart, and an end by its deadline, whatever becomes of us.
 * @throws KubernetesError `unready` when the target's container does not run
 */
export function pinnedAgent(about: {
  readonly pod: Pod;
  readonly container: string;
  readonly placement: AgentPlacement;
  readonly settings: AgentSettings;
}): PodManifest {
  const { pod: target, container, placement, settings } = about;
  const { pod: place, image, imagePullPolicy, securityContext } = placement;
  const containerId = statusOf(target, container)?.containerID;
  const { nodeName } = target.spec;
  if (containerId === undefined || nodeName === undefined)
    throw new KubernetesError(
      "unready",
      `container ${container} of pod ${target.metadata.name} does not run`,
    );
  const { name, uid = "" } = target.metadata;
  const namespace = place.namespace ?? target.metadata.namespace ?? "default";
  const isBeside = namespace === (target.metadata.namespace ?? "default");
  return {
    metadata: {
      name: `magpie-${randomBytes(5).toString("hex")}`,
      namespace,
      labels: { ...place.labels, ...agentPodLabels, [targetLabel]: uid },
      // Nobody waits for it: neither `kubectl drain`, which wants a controller, nor an autoscaler that empties a node.
      annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true", ...place.annotations },
      // It goes with its target. An owner in another namespace would count as gone.
      ...(isBeside
        ? { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid, controller: true }] }
        : {}),
    },
    spec: {
      nodeName,
      hostPID: true,
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      activeDeadlineSeconds: place.deadlineSeconds,
      terminationGracePeriodSeconds: leaveSeconds,
      tolerations: place.tolerations,
      imagePullSecrets: place.pullSecrets.map((secret) => ({ name: secret })),
      ...(place.runtimeClass === undefined ? {} : { runtimeClassName: place.runtimeClass }),
      containers: [
        {
          name: "agent",
          image,
          ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
          command: [agentProgram],
          args: [
            ...runArguments({ ...settings, lingerMs: placement.lingerMs }, "/"),
            ofContainer,
            containerId,
          ],
          ...(place.resources === undefined ? {} : { resources: place.resources }),
          securityContext: { runAsUser: 0, runAsNonRoot: false, ...securityContext, privileged: true },
        },
      ],
    },
  };
}
