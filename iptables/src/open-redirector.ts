import { NftError } from "./errors.ts";
import { OwnedRedirector } from "./owned-redirector.ts";
import type { OwnerSession } from "./owner-session.ts";
import {
  BACKENDS_BY_PREFERENCE,
  type BackendReport,
  type ProbeReport,
  reportOf,
  tryBackend,
} from "./probe.ts";
import type { BackendName, Redirector, RedirectorOptions } from "./redirector.ts";
import { checkedConfig } from "./redirector-config.ts";

export interface OpenRedirectorOptions extends RedirectorOptions {
  /** "auto" takes the first usable of tproxy, redirect, iptables. */
  readonly backend: "auto" | BackendName;
}

export interface OpenedRedirector {
  readonly redirector: Redirector;
  /** What was tried, and why this backend. */
  readonly choice: ProbeReport;
  /** The session of the table of "tproxy" and "redirect", for `openReturnPath`; closed together with the redirector. */
  readonly session?: OwnerSession;
}

/**
 * Opens a redirector that diverts nothing yet. What dead agents left behind is removed.
 * @throws NftError `invalid-value`, or `unusable` with the reason of each backend that was tried.
 */
export async function openRedirector(options: OpenRedirectorOptions): Promise<OpenedRedirector> {
  const config = checkedConfig(options);
  const { backend: asked } = options;
  const wanted = asked === "auto" ? BACKENDS_BY_PREFERENCE : [asked];
  const backends: BackendReport[] = [];
  let redirector: Redirector | undefined;
  for (const backend of BACKENDS_BY_PREFERENCE) {
    if (redirector || !wanted.includes(backend)) {
      const reason = redirector ? `${redirector.backend} is usable` : `${asked} was asked for`;
      backends.push({ backend, verdict: "untried", reason });
      continue;
    }
    const tried = await tryBackend(backend, config);
    backends.push(tried.report);
    redirector = tried.redirector;
  }
  if (redirector === undefined) {
    const tried = backends.filter(({ verdict }) => verdict === "unusable");
    const reasons = tried.map(({ backend, reason }) => `${backend}: ${reason}`).join("; ");
    throw new NftError("unusable", `no redirector can be opened: ${reasons}`);
  }
  const choice = reportOf(backends);
  return {
    redirector,
    choice: asked === "auto" ? choice : { ...choice, reason: `${asked} was asked for` },
    ...(redirector instanceof OwnedRedirector && { session: redirector.session }),
  };
}
