import { NftError } from "./errors.ts";
import { IptablesRedirector } from "./iptables-redirector.ts";
import { OwnedRedirector } from "./owned-redirector.ts";
import { redirectBackend } from "./redirect-backend.ts";
import type { BackendName, Redirector, RedirectorOptions } from "./redirector.ts";
import { checkedConfig, type RedirectorConfig } from "./redirector-config.ts";
import { tproxyBackend } from "./tproxy-backend.ts";

/** One backend: whether it works in this network namespace, with these rights. */
export interface BackendReport {
  readonly backend: BackendName;
  /** "untried": a backend before it was usable already, or another was asked for. */
  readonly verdict: "usable" | "unusable" | "untried";
  /** In words. */
  readonly reason: string;
}

/** Which backends work, which one is taken, and why. */
export interface ProbeReport {
  readonly backends: readonly BackendReport[];
  /** Absent when none is usable. */
  readonly picked?: BackendName;
  readonly reason: string;
}

/** Best first: no NAT and no conntrack, then rules that die with us, then a lease alone. */
export const BACKENDS_BY_PREFERENCE: readonly BackendName[] = ["tproxy", "redirect", "iptables"];

/** Opens one backend. @throws NftError with its own codes. */
export async function openBackend(backend: BackendName, config: RedirectorConfig): Promise<Redirector> {
  switch (backend) {
    case "tproxy":
      return await OwnedRedirector.open(tproxyBackend, config);
    case "redirect":
      return await OwnedRedirector.open(redirectBackend, config);
    case "iptables":
      return await IptablesRedirector.open(config);
    default:
      throw new NftError("invalid-value", `no such backend: ${JSON.stringify(backend)}`);
  }
}

/**
 * Tries every backend for real, without diverting a port, and removes it again. Whether a listener may have IP_TRANSPARENT is not
 * asked: that takes the same right, CAP_NET_ADMIN, as the rules do.
 * @throws NftError `invalid-value`; a backend that does not work is in the report.
 */
export async function probe(options: RedirectorOptions): Promise<ProbeReport> {
  const config = checkedConfig(options);
  const backends: BackendReport[] = [];
  for (const backend of BACKENDS_BY_PREFERENCE) {
    const tried = await tryBackend(backend, config);
    backends.push(tried.report);
    await tried.redirector?.close();
  }
  return reportOf(backends);
}

/** Opens a backend; that it does not work is a value here. */
export async function tryBackend(
  backend: BackendName,
  config: RedirectorConfig,
): Promise<{ report: BackendReport; redirector?: Redirector }> {
  try {
    const redirector = await openBackend(backend, config);
    return { report: { backend, verdict: "usable", reason: "its rules were accepted" }, redirector };
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    return { report: { backend, verdict: "unusable", reason: explained(error) } };
  }
}

/** The report on what was tried so far: the first usable backend is picked. */
export function reportOf(backends: readonly BackendReport[]): ProbeReport {
  const usable = backends.find(({ verdict }) => verdict === "usable");
  if (usable === undefined) return { backends, reason: "no backend is usable" };
  const passed = backends.slice(0, backends.indexOf(usable)).filter(({ verdict }) => verdict === "unusable");
  const why = passed.map(({ backend, reason }) => `${backend} is not usable: ${reason}`).join("; ");
  return {
    backends,
    picked: usable.backend,
    reason: why || `${usable.backend} is the best of those that may be used`,
  };
}

/** The kernel's errors name no feature; these are what they mean here. */
function explained(error: NftError): string {
  if (/Operation not permitted|you must be root/i.test(error.message))
    return `${error.message} (CAP_NET_ADMIN is needed)`;
  if (error.code === "rejected" && /No such file|not supported/i.test(error.message))
    return `${error.message} (the kernel lacks a part of nf_tables that this needs)`;
  return error.message;
}
