export { descriptorLimit } from "./descriptor-limit.ts";
export { Outgoing } from "./outgoing.ts";
