export { checkFlags, defaultName, type StealFlags } from "./check-flags.ts";
