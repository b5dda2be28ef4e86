import { probe, type ProbeReport } from "nftables-js";
import { UPSTREAM_MARK } from "./diversion.ts";

/** Nobody listens there: no port is diverted while backends are tried. */
const UNUSED_PORT = 1;

/** Which ways of redirection work in the network namespace that this process is in; each is tried for real and taken away again. */
export async function probeBackends(): Promise<ProbeReport> {
  return await probe({ listenerPort4: UNUSED_PORT, upstreamMark: UPSTREAM_MARK });
}
