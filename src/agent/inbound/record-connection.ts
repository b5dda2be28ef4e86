import { askedSubscription, type Subscription } from "../routing/index.ts";
import type { Recording } from "../trace/index.ts";
import type { Link, OpaqueReason } from "./link.ts";

/** Before the sentence that says whose probe it is. */
const TLS_PROBE = "tls-probe: ";

/** Counts and remembers a connection that is passed on unread from now on; gives undefined for one that is remembered already. */
export function recordOpaque(link: Link, reason: OpaqueReason): Recording | undefined {
  if (isProbe(reason)) link.counts.connections.probe++;
  else if (reason !== "upgraded") link.counts.connections.opaque++;
  // Of the request that upgraded it was told already; nobody's port is nobody's business.
  if (reason === "upgraded" || link.routes() === undefined) return undefined;
  const recording = link.trace.connection(link);
  recording.verdict = "opaque";
  described(recording, reason);
  recording.isProbe = isProbe(reason);
  if (reason === "closed-without-a-byte") bare(recording, link.routes()?.probes.ofBareConnection);
  return recording;
}

/** Remembers a connection whose bytes a session gets, whatever they are; `reason` says what they are not. */
export function recordStolenBytes(link: Link, by: Subscription, reason: OpaqueReason): Recording {
  const recording = link.trace.connection(link);
  const { id, name } = by.holder;
  recording.verdict = "stolen-raw";
  recording.chosen = askedSubscription(by);
  described(recording, reason).reason = `everything on this port is stolen (session ${id}, ${name})`;
  if (reason.startsWith("tls: ")) recording.add(reason);
  return recording;
}

/** The kubelet's tcp probe connects and closes (pkg/probe/tcp of Kubernetes); so do others who look whether somebody is there. */
function bare(recording: Recording, probe: string | undefined): void {
  recording.verdict = "original";
  recording.reason = `a connection without a byte, as of ${probe ?? "a tcp health probe"}, goes to the app`;
}

/** Whether the connection is a health probe, which is never given to anybody but the app. */
export function isProbe(reason: OpaqueReason): boolean {
  return reason === "closed-without-a-byte" || reason.startsWith(TLS_PROBE);
}

function described(recording: Recording, reason: OpaqueReason): Recording {
  const isTls = reason.startsWith("tls: ") || reason.startsWith(TLS_PROBE);
  recording.protocol = isTls ? "tls" : "tcp";
  recording.reason = reason.startsWith(TLS_PROBE) ? reason.slice(TLS_PROBE.length) : reason;
  return recording;
}
