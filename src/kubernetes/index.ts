export { type ClusterAccess, type ClusterFlags, findCluster } from "./api/cluster-access.ts";
export type { ExecOptions, ExecProcess, ExecResult } from "./api/exec.ts";
export {
  type AccessAnswer,
  type CallBounds,
  KubernetesApi,
  type ListOptions,
  type ObjectList,
  type WatchOptions,
} from "./api/kubernetes-api.ts";
export type * from "./api/objects.ts";
export type { PortForwardOptions } from "./api/port-forward.ts";
export { type Resource, resources } from "./api/resource.ts";
export type { WatchEvent } from "./api/watch-stream.ts";
export { type AccessAttributes, formatAccess, KubernetesError, type KubernetesErrorCode } from "./errors.ts";
export { type AgentPlacement, defaultImage, defaultPlacement, type PodPlacement } from "./agent/placement.ts";
export { type BeforePlacing, PodAgents, type PodContainer, type PodTicket } from "./agent/pod-agents.ts";
export type { TargetKind, TargetReference } from "./targets/target-reference.ts";
export {
  type AskedFeatures,
  byGravity,
  exceptionYaml,
  type Finding,
  type FindingLevel,
  type FoundPod,
  passPreflight,
  type PreflightReport,
  type PreflightRequest,
  type RightsHolder,
  roleYaml,
  runPreflight,
  whoAmI,
} from "./preflight/index.ts";
export { probesOnPort, specProbes } from "./probes/spec-probes.ts";
export { probeTitle, type SpecProbe } from "./probes/spec-probe.ts";
export type { AgentSettings } from "./agent/agent-arguments.ts";
export { tryAgent } from "./agent/try-agent.ts";
export { type ChosenContainer, chooseContainer } from "./targets/choose-container.ts";
export { findPods, type FoundPods, podPort } from "./targets/find-pods.ts";
export { type FollowingPace, PodFollower, type PodFollowerEvents } from "./targets/pod-follower.ts";
export { type PodStanding, standingLine, standingOf } from "./targets/pod-standing.ts";
export type { TargetPod } from "./targets/target-pod.ts";
export { type ListedTarget, listTargets, type TargetList } from "./targets/list-targets.ts";
