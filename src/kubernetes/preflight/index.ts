export { passPreflight } from "./gate.ts";
export { byGravity, type Finding, type FindingLevel } from "./finding.ts";
export { exceptionYaml } from "./pod-security-findings.ts";
export type { AskedFeatures, FoundPod, PreflightRequest } from "./preflight-request.ts";
export { neededRights, type NeededRight, rightText } from "./needed-rights.ts";
export type { ReviewedRight } from "./rights-findings.ts";
export { roleYaml, type RightsHolder } from "./role-yaml.ts";
export { type PreflightReport, runPreflight } from "./run-preflight.ts";
export { whoAmI } from "./who-am-i.ts";
