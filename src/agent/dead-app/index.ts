export { isListening } from "./listening.ts";
export { WithheldPorts, type WithheldPortsOptions } from "./withheld-ports.ts";
