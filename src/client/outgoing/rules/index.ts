export { builtInRules } from "./built-in-rules.ts";
export { type AskedServer, decideNameServer } from "./decide-name-server.ts";
export { explainFlow, type ExplainedFlow } from "./explain-flow.ts";
export { decideFlow, type FlowDecision } from "./decide-flow.ts";
export { decideLookup, type LookupDecision } from "./decide-lookup.ts";
export type { Flow, FlowName, HostFlow, UnixFlow } from "./flow.ts";
export {
  addressOfBytes,
  bytesOfAddress,
  formatIpAddress,
  type IpAddress,
  isLoopback,
  parseAddress,
} from "./ip-network.ts";
export { canonicalName } from "./name-pattern.ts";
export { outgoingRules } from "./outgoing-rules.ts";
export type { OutgoingRule, OutgoingRules, Where } from "./outgoing-rule.ts";
export { parseAskedFlow } from "./parse-asked-flow.ts";
export { parseOutgoingRule } from "./parse-outgoing-rule.ts";
export type { UnlessRule } from "./unless-rule.ts";
