import type { Container, Pod, Probe } from "../api/objects.ts";

/** The variable of the sidecar in which Istio keeps the probes that it took the place of (pilot/cmd/pilot-agent/status). */
const KEPT = "ISTIO_KUBE_APP_PROBERS";
/** `/app-health/web/livez`, `/app-lifecycle/web/prestopz` */
const REWRITTEN = /^\/(?:app-health|app-lifecycle)\/[^/]+\/\w+$/;

/**
 * What a probe was before Istio had the kubelet ask its sidecar instead, which asks the app in the kubelet's words; the same probe
 * where it did not.
 */
export function beforeIstio(probe: Probe, pod: Pod): Probe {
  const path = probe.httpGet?.path ?? "";
  if (!REWRITTEN.test(path)) return probe;
  const kept = keptProbes(pod)[path];
  return kept ?? probe;
}

function keptProbes({ spec }: Pod): Readonly<Record<string, Probe>> {
  const all: readonly Container[] = [...spec.containers, ...(spec.initContainers ?? [])];
  for (const { env = [] } of all) {
    const text = env.find(({ name }) => name === KEPT)?.value;
    if (text === undefined) continue;
    try {
      const value: unknown = JSON.parse(text);
      // Istio writes Kubernetes' own type there.
      if (typeof value === "object" && value !== null) return value as Readonly<Record<string, Probe>>;
    } catch {
      // Then the probes are those of the sidecar, and are known by their shape.
    }
  }
  return {};
}
