import type { Pod } from "../api/objects.ts";
import { KubernetesError } from "../errors.ts";
import { type ChosenContainer, chooseContainer } from "./choose-container.ts";
import { standingOf } from "./pod-standing.ts";

/** A pod that stands for a target. */
export interface TargetPod {
  readonly name: string;
  readonly namespace: string;
  /** A pod of the same name that comes later has another. */
  readonly uid: string;
  readonly node: string | undefined;
  readonly container: ChosenContainer;
  /** Services send it requests. */
  readonly isReady: boolean;
  /** As it was last seen. */
  readonly pod: Pod;
}

/** What is asked of each pod. */
export interface ContainerWish {
  readonly container?: string | undefined;
  /** A port that requests come to; a container that declares it is preferred. */
  readonly port?: number | undefined;
}

/** Reads a pod as one of a target's. @throws KubernetesError `unsuitable` when no agent can be in it, `not-found` its container. */
export function targetPod(pod: Pod, wish: ContainerWish): TargetPod {
  requireSuitable(pod);
  const { name, namespace = "", uid = "" } = pod.metadata;
  return {
    name,
    namespace,
    uid,
    node: pod.spec.nodeName,
    container: chooseContainer(pod, wish),
    isReady: standingOf(pod).isReady,
    pod,
  };
}

/** @throws KubernetesError `unsuitable` */
function requireSuitable({ metadata, spec }: Pod): void {
  if (spec.hostNetwork === true) {
    throw new KubernetesError(
      "unsuitable",
      `pod ${metadata.name} is in the network of its node (hostNetwork)`,
      {
        hint: "Taking its ports would take them for everything on that node. Choose a pod with a network of its own.",
      },
    );
  }
  const system = spec.os?.name ?? spec.nodeSelector?.["kubernetes.io/os"];
  if (system === "windows") {
    throw new KubernetesError("unsuitable", `pod ${metadata.name} runs on Windows`, {
      hint: "Magpie's agent redirects packets by the Linux kernel; there is no other yet.",
    });
  }
  if (metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) {
    throw new KubernetesError("unsuitable", `pod ${metadata.name} is a static pod of its node`, {
      hint: "Its kubelet takes nothing from the API server, so no agent can join it. Choose another pod.",
    });
  }
}

/**
 * A stable order: the first is the one that environment and files come from. By number where names end in one, as those of a
 * StatefulSet; else the oldest first.
 */
export function inOrder(pods: readonly TargetPod[]): TargetPod[] {
  return pods.toSorted((left, right) => {
    const [a, b] = [ordinalOf(left), ordinalOf(right)];
    if (a !== undefined && b !== undefined && a !== b) return a - b;
    const age = (left.pod.metadata.creationTimestamp ?? "").localeCompare(
      right.pod.metadata.creationTimestamp ?? "",
    );
    return age || left.name.localeCompare(right.name);
  });
}

function ordinalOf({ pod }: TargetPod): number | undefined {
  const isStateful = pod.metadata.ownerReferences?.some(({ kind }) => kind === "StatefulSet") === true;
  const number = /-(\d+)$/.exec(pod.metadata.name)?.[1];
  return isStateful && number !== undefined ? Number(number) : undefined;
}
