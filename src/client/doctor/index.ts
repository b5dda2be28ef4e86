export { type DoctorFlags, wantedOf, type WantedFeatures } from "./doctor-plan.ts";
export { type ClusterExamination, examineCluster } from "./examine-cluster.ts";
export { examineHost } from "./examine-host.ts";
export { findingLines, verdictLine } from "./finding-lines.ts";
