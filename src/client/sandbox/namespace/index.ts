export { NamespaceNetwork, type NamespacePlan } from "./namespace-network.ts";
