import type { Container, KubernetesObject, Pod } from "../api/objects.ts";
import type { Finding } from "./finding.ts";

/** A mesh that a pod is in. */
export interface Mesh {
  readonly kind: "istio" | "istio-ambient" | "linkerd" | "other";
  /** For people, with its version where that can be seen. */
  readonly name: string;
  /** The sidecar; undefined where there is none in the pod. */
  readonly container?: string;
  /** Ports that are its own. */
  readonly ownPorts: readonly number[];
}

/** Containers that are a mesh's, whatever their pod's app is. */
const sidecars: readonly {
  readonly container: RegExp;
  readonly kind: Mesh["kind"];
  readonly name: string;
  readonly ports: readonly number[];
}[] = [
  {
    container: /^istio-proxy$/,
    kind: "istio",
    name: "Istio",
    ports: [15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090],
  },
  { container: /^linkerd-proxy$/, kind: "linkerd", name: "Linkerd", ports: [4140, 4143, 4190, 4191] },
  {
    container: /^(?:consul-dataplane|consul-connect-envoy-sidecar|envoy-sidecar)$/,
    kind: "other",
    name: "Consul",
    ports: [15001, 20000],
  },
  { container: /^kuma-sidecar$/, kind: "other", name: "Kuma", ports: [15001, 15006, 9901] },
];

/** The mesh that a pod is in, by its containers and by what a mesh writes on pods and namespaces. */
export function meshOf(pod: Pod, namespace: KubernetesObject | undefined): Mesh | undefined {
  const containers: readonly Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  for (const { container: pattern, kind, name, ports } of sidecars) {
    const sidecar = containers.find((container) => pattern.test(container.name));
    if (sidecar === undefined) continue;
    const version = versionOf(sidecar.image ?? "");
    const told = version === undefined ? name : `${name} ${version}`;
    return { kind, name: told, container: sidecar.name, ownPorts: ports };
  }
  return isAmbient(pod, namespace)
    ? { kind: "istio-ambient", name: "Istio (ambient)", ownPorts: [15001, 15006, 15008, 15053] }
    : undefined;
}

/** `1.27.3` of `proxyv2:1.27.3-distroless`; a digest tells none. */
function versionOf(image: string): string | undefined {
  const [named = ""] = image.split("@");
  const tag = /:([\w.-]+)$/.exec(named)?.[1];
  return tag?.replace(/^(?:v|stable-|edge-)/, "").replace(/-(?:distroless|debug)$/, "");
}

/** istio-cni marks pods that it has taken in; before that, labels say what is wanted. */
function isAmbient(pod: Pod, namespace: KubernetesObject | undefined): boolean {
  if (pod.metadata.annotations?.["ambient.istio.io/redirection"] === "enabled") return true;
  const label = "istio.io/dataplane-mode";
  const own = pod.metadata.labels?.[label];
  return own === undefined ? namespace?.metadata.labels?.[label] === "ambient" : own === "ambient";
}

/** What a mesh means for the ports that are wanted. */
export function meshFindings(about: {
  readonly pod: Pod;
  readonly namespaceObject: KubernetesObject | undefined;
  readonly ports: readonly number[];
  readonly container: string | undefined;
}): Finding[] {
  const { pod, ports, container } = about;
  const mesh = meshOf(pod, about.namespaceObject);
  if (mesh === undefined) return [];
  const findings: Finding[] = [said(mesh)];
  const own = ports.filter((port) => mesh.ownPorts.includes(port));
  if (own.length > 0)
    findings.push({
      id: "mesh-port",
      level: "warning",
      what: `port ${own.join(", ")} is ${mesh.name}'s own, not the app's`,
      why: "what comes there is of the mesh, mostly encrypted for its sidecar alone",
      fix: "name the port on which the app itself listens",
    });
  if (container !== undefined && container === mesh.container)
    findings.push({
      id: "mesh-container",
      level: "warning",
      what: `container ${container} is the sidecar of ${mesh.name}: variables and files are the sidecar's`,
      fix: "name the app's by --target …/container/<name>",
    });
  const passedBy = excludedPorts(pod).filter((port) => ports.includes(port));
  if (passedBy.length > 0)
    findings.push({
      id: "mesh-excluded",
      level: "note",
      what: `port ${passedBy.join(", ")} is excluded from the mesh: its callers reach the app, and Magpie, directly`,
    });
  const annotations = pod.metadata.annotations ?? {};
  if (annotations["sidecar.istio.io/interceptionMode"] === "TPROXY")
    findings.push({
      id: "mesh-tproxy",
      level: "warning",
      what: "the sidecar intercepts by TPROXY, ahead of everybody else",
      why: "what it sends on to the app is still seen; in this mode that was not tried against every version of Istio",
      fix: "watch the first requests with --trace; the session warns of connections that go past it",
    });
  return findings;
}

function said({ kind, name, container }: Mesh): Finding {
  const own = "--header, --path and gRPC filters work, also where callers use mutual TLS";
  switch (kind) {
    case "istio":
      return {
        id: "mesh",
        level: "ok",
        what: `the pod is in a mesh, ${name}: its sidecar (${container}) has every connection first, on 15006, and ends mutual TLS`,
        why: `Magpie takes what the sidecar then sends to the app, in clear text from 127.0.0.6; ${own}. Who called is in X-Forwarded-For and X-Forwarded-Client-Cert`,
      };
    case "linkerd":
      return {
        id: "mesh",
        level: "ok",
        what: `the pod is in a mesh, ${name}: its proxy (${container}) has every connection first, on 4143, and ends mutual TLS`,
        why: `Magpie takes what the proxy then sends to the app, in clear text; ${own}. Who called is in l5d-client-id`,
      };
    case "istio-ambient":
      return {
        id: "mesh",
        level: "ok",
        what: `the pod is in a mesh, ${name}: ztunnel has every connection first, inside of the pod, and ends mutual TLS`,
        why: `Magpie takes what ztunnel then sends to the app, in clear text from the caller's own address; ${own}. Rules of a waypoint come before it`,
      };
    default:
      return {
        id: "mesh",
        level: "note",
        what: `the pod is in a mesh, ${name}: what its sidecar (${container}) sends to the app is taken, behind mutual TLS`,
      };
  }
}

function excludedPorts({ metadata }: Pod): number[] {
  const annotations = metadata.annotations ?? {};
  const texts = [
    annotations["traffic.sidecar.istio.io/excludeInboundPorts"],
    annotations["config.linkerd.io/skip-inbound-ports"],
  ];
  return texts.flatMap((text) => text?.split(",") ?? []).map(Number);
}
