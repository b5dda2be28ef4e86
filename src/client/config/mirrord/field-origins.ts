import type { MirrordPath } from "./translation-report.ts";

const network = ["feature", "network"];
const incoming = [...network, "incoming"];

/** Which field of mirrord's a field of ours comes from, the nearest that is named; of a rule in a list, the list. */
const origins = new Map<string, MirrordPath>([
  ["target", ["target"]],
  ["target.name", ["target", "path"]],
  ["target.namespace", ["target", "namespace"]],
  ["target.context", ["kube_context"]],
  ["target.kubeconfig", ["kubeconfig"]],
  ["target.agentNamespace", ["agent", "namespace"]],
  ["target.replicas", ["operator"]],
  ["incoming", incoming],
  ["incoming.mode", [...incoming, "mode"]],
  ["incoming.ports", [...incoming, "port_mapping"]],
  ["incoming.otherPorts", [...incoming, "ports"]],
  ["incoming.ignorePorts", [...incoming, "ignore_ports"]],
  ["incoming.filter", [...incoming, "http_filter"]],
  ["incoming.servedBy", ["agent", "inject_headers"]],
  ["incoming.localTls", [...incoming, "tls_delivery"]],
  ["environment", ["feature", "env"]],
  ["environment.map", ["feature", "env", "mapping"]],
  ["environment.envFile", ["feature", "env", "env_file"]],
  ["files", ["feature", "fs"]],
  ["outgoing", [...network, "outgoing"]],
  ["agent", ["agent"]],
  ["agent.form", ["agent", "ephemeral"]],
  ["agent.pullPolicy", ["agent", "image_pull_policy"]],
  ["agent.pullSecrets", ["agent", "image_pull_secrets"]],
  ["agent.linger", ["agent", "communication_timeout"]],
  ["agent.timeout", ["agent", "startup_timeout"]],
  ["agent.security", ["agent", "security_context"]],
  ["agent.requests", ["agent", "resources", "requests"]],
  ["agent.limits", ["agent", "resources", "limits"]],
  ["session.takeOver", [...incoming, "on_concurrent_steal"]],
]);

/** The field of mirrord's that a field of ours comes from. */
export function originOf(path: MirrordPath): MirrordPath {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join("."));
    if (origin !== undefined) return [...origin, ...path.slice(length)];
  }
  return [];
}
