import type { Pod } from "../api/objects.ts";
import type { Finding } from "./finding.ts";
import type { AskedFeatures } from "./preflight-request.ts";
import { bytesOf } from "./quantity.ts";

/** What the agent may come to; its own budget gives ports back before that (`--budget memory=…`). */
const AGENT_MEMORY_BYTES = 200 * 1024 * 1024;

/** What the target's pod itself means. */
export function podFindings(
  pod: Pod,
  about: { features: AskedFeatures; container: string | undefined },
): Finding[] {
  const { metadata, status, spec } = pod;
  const { features } = about;
  const findings: Finding[] = [];
  const { phase } = status ?? {};
  if (phase !== undefined && phase !== "Running")
    findings.push({
      id: "pod-not-running",
      level: "blocker",
      what: `pod ${metadata.name} is ${phase}${status?.message === undefined ? "" : `: ${status.message}`}`,
      fix: "`kubectl describe pod` says what it waits for",
    });
  if (metadata.deletionTimestamp !== undefined)
    findings.push({ id: "pod-leaving", level: "warning", what: `pod ${metadata.name} is on its way out` });
  const isReady = status?.conditions?.find(({ type }) => type === "Ready")?.status !== "False";
  if (phase === "Running" && !isReady)
    findings.push({
      id: "pod-not-ready",
      level: "warning",
      what: `pod ${metadata.name} is not ready`,
      why: "Services send it no requests until it is; those that come otherwise are taken",
    });
  if (spec.shareProcessNamespace === true && features.looksIntoApp)
    findings.push({
      id: "shared-processes",
      level: "ok",
      what: `the pod's containers share their processes (shareProcessNamespace): files and variables are those of container ${about.container ?? "(the first)"}, found by its id`,
    });
  if (features.form !== "pod") findings.push(...memoryFindings(pod));
  findings.push(...portFindings(pod, { ports: features.ports, container: about.container }));
  return findings;
}

/** With a limit on every container the kubelet limits their pod to the sum, and an ephemeral container is in it. */
function memoryFindings({ spec }: Pod): Finding[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const limits = [...spec.containers, ...sidecars].map(({ resources }) =>
    bytesOf(resources?.limits?.["memory"] ?? ""),
  );
  if (limits.length === 0 || limits.some((limit) => limit === undefined)) return [];
  const sum = limits.reduce<number>((total, limit) => total + (limit ?? 0), 0);
  if (sum >= 2 * AGENT_MEMORY_BYTES) return [];
  return [
    {
      id: "memory",
      level: "warning",
      what: `the pod may use ${Math.round(sum / 1024 / 1024)} MiB in all, the agent in it included`,
      why: `an agent takes about 100 MB, under load more: the app could be short of memory`,
      fix: "--agent pod keeps the agent out of the pod's limit; or give the app's container more for the while",
    },
  ];
}

function portFindings(
  { spec }: Pod,
  about: { ports: readonly number[]; container: string | undefined },
): Finding[] {
  const declared = spec.containers.flatMap(({ name, ports = [] }) =>
    ports.map((port) => ({ ...port, container: name })),
  );
  return about.ports.flatMap((port): Finding[] => {
    const found = declared.find(({ containerPort }) => containerPort === port);
    if (found === undefined) {
      if (declared.length === 0) return [];
      const all = declared.map(({ containerPort, name }) =>
        name === undefined ? containerPort : `${containerPort} (${name})`,
      );
      return [
        {
          id: "port-undeclared",
          level: "note",
          what: `no container declares port ${port}; declared are ${all.join(", ")}`,
          why: "a port need not be declared, but a Service's port is often another one than the pod's",
        },
      ];
    }
    if (found.protocol === "UDP" || found.protocol === "SCTP")
      return [
        {
          id: "port-protocol",
          level: "warning",
          what: `port ${port} is ${found.protocol}; only TCP is taken`,
          fix: "name a TCP port",
        },
      ];
    if (about.container !== undefined && found.container !== about.container)
      return [
        {
          id: "port-container",
          level: "note",
          what: `port ${port} is of container ${found.container}, variables and files are of ${about.container}`,
        },
      ];
    return [];
  });
}
