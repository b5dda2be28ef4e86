import { randomBytes } from "node:crypto";
import { NftError } from "./errors.ts";
import { DEFAULT_LEASE_MS, type RedirectorOptions } from "./redirector.ts";
import { checkedInteger, checkedMark, checkedPort, checkedTimeout } from "./value.ts";

/** Options that were looked at: every backend starts from these. */
export interface RedirectorConfig extends RedirectorOptions {
  readonly leaseMs: number;
}

/** Checks the options before anything is started. @throws NftError `invalid-value`. */
export function checkedConfig(options: RedirectorOptions): RedirectorConfig {
  const { listenerPort4, listenerPort6, upstreamMark, agentGid, leaseMs = DEFAULT_LEASE_MS } = options;
  if (listenerPort4 === undefined && listenerPort6 === undefined)
    throw new NftError("invalid-value", "neither listenerPort4 nor listenerPort6 says where to divert to");
  if (listenerPort4 !== undefined) checkedPort(listenerPort4);
  if (listenerPort6 !== undefined) checkedPort(listenerPort6);
  // Every packet without a mark has the mark 0: it would exempt everybody.
  if (upstreamMark === 0) throw new NftError("invalid-value", "upstreamMark must not be 0");
  checkedMark(upstreamMark);
  if (agentGid !== undefined) checkedInteger("agentGid", agentGid, 0, 0xfffffffe);
  checkedTimeout(leaseMs);
  return { ...options, leaseMs };
}

/** The ports without repetition. @throws NftError `invalid-value`, also for a listener's own port: it would divert to itself. */
export function checkedPorts(ports: readonly number[], config: RedirectorConfig): number[] {
  for (const port of ports) {
    checkedPort(port);
    if (port === config.listenerPort4 || port === config.listenerPort6)
      throw new NftError("invalid-value", `port ${port} is the listener's own`);
  }
  return [...new Set(ports)];
}

/** Both listener ports, once each. */
export function listenerPorts(config: RedirectorConfig): number[] {
  return [...new Set([config.listenerPort4, config.listenerPort6].filter((port) => port !== undefined))];
}

/**
 * What tells the rules of one agent from another's in the same namespace. The process id alone would not: two containers of a pod
 * have process ids of their own, often equal.
 */
export function uniqueSuffix(): string {
  return `${process.pid}_${randomBytes(3).toString("hex")}`;
}
