export { machineName } from "./machine-name-module.ts";
