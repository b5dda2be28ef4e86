export { NetworkModule, type NetworkOptions } from "./network-module.ts";
export { unixSocketModule, type UnixSocketsOptions } from "./unix-socket-module.ts";
