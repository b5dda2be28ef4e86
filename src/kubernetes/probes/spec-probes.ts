import type { PodProbe } from "../../protocol/index.ts";
import type { Container, Pod } from "../api/objects.ts";
import { beforeIstio } from "./istio-probes.ts";
import { kubeletProbe } from "./kubelet-probe.ts";
import type { SpecProbe } from "./spec-probe.ts";

/** All probes and hooks of a pod's containers, sidecars among the init containers included. */
export function specProbes(pod: Pod): SpecProbe[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...pod.spec.containers, ...sidecars].flatMap((container) => probesOf(container, pod));
}

function probesOf(container: Container, pod: Pod): SpecProbe[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const all = [
    ["liveness probe", livenessProbe],
    ["readiness probe", readinessProbe],
    ["startup probe", startupProbe],
    ["postStart hook", lifecycle?.postStart],
    ["preStop hook", lifecycle?.preStop],
  ] as const;
  return all.flatMap(([role, probe]) => {
    if (probe === undefined) return [];
    return kubeletProbe(beforeIstio(probe, pod), { role, container }) ?? [];
  });
}

/** What the agent is to know of a port. */
export function probesOnPort(probes: readonly SpecProbe[], port: number): PodProbe[] {
  return probes.flatMap((probe) => (probe.port === port && probe.known !== undefined ? [probe.known] : []));
}
