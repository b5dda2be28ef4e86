export { NamespaceNetwork, type NamespacePlan } from "./namespace-network.ts";
export { probeNamespace } from "./probe-namespace.ts";
