import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { intOf } from "./socket-of-call.ts";

/** socket(2): the type's other bits are flags. */
const TYPE_BITS = 0xf;
const SOCK_RAW = 3;
const IPPROTO_MPTCP = 262;

/** No such socket could reach the pod, and this machine's network is not what the program asks for. */
export interface RefusedSocketAbout {
  readonly kind: "raw" | "protocol";
  /** ip(7), /etc/protocols. */
  readonly protocol: number;
}

/**
 * socket(2) of what neither TCP nor UDP can carry: held for those alone, see `callsOfNetwork`. Multipath TCP is not to be had
 * as on a kernel without it, and programs take TCP: the two ends of a connection that is made here open it at the same
 * time, which MPTCP does not know (RFC 8684 §3.1).
 */
export function socketCall(tell: (kind: string, about: RefusedSocketAbout) => void): FastHandler {
  return (call): Verdict => {
    const [type, protocol] = [intOf(call.args[1]) & TYPE_BITS, intOf(call.args[2])];
    if (protocol === IPPROTO_MPTCP) return { as: "errno", errno: "EPROTONOSUPPORT" };
    const kind = type === SOCK_RAW ? "raw" : "protocol";
    tell("refused-socket", { kind, protocol });
    return { as: "errno", errno: kind === "raw" ? "EPERM" : "EPROTONOSUPPORT" };
  };
}
