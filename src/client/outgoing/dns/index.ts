export { readHosts } from "./hosts-file.ts";
export { behindAlias } from "./loopback-alias.ts";
export { NameService, type NameServiceOptions, type ToldLookup } from "./name-service.ts";
export { NameTable } from "./name-table.ts";
export type { NameTransport, SentQuestion, Via } from "./name-transport.ts";
export { podTransport } from "./pod-transport.ts";
export { programsHostname, programsHosts, programsNsswitch, programsResolvConf } from "./program-files.ts";
export { nameServersOf, searchDomainsOf } from "./resolv-conf.ts";
