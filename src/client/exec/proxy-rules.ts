import type { EnvironmentRule } from "../context/index.ts";

const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"];

/**
 * Proxies stay yours where the program's connections leave from this machine: the pod's proxy is mostly not to be reached
 * from here. Where connections leave from the pod, the pod's count, as all its variables do.
 */
export const proxyRules: readonly EnvironmentRule[] = names
  .flatMap((name) => [name, name.toLowerCase()])
  .map((name) => ({
    kind: "exclude",
    pattern: name,
    written: "the rule that proxies are yours where connections leave from this machine",
  }));
