import { existsSync } from "node:fs";
import type { FastHandler } from "../../../supervisor/index.ts";
import { intOf, withSocket } from "./socket-of-call.ts";

/** IFNAMSIZ, with its NUL (netdevice(7)). */
const NAME_BYTES = 16;

/**
 * setsockopt(2) of SO_BINDTODEVICE, for TCP and UDP: what leaves from the pod does so by the pod's device whatever this machine
 * calls its own, and a socket that is bound to one of those could not be reached. So it is done by saying so. A
 * device that there is not, and what says no name, is left to the kernel.
 */
export const deviceCall: FastHandler = (call, caller) => {
  const length = Math.min(intOf(call.args[4]), NAME_BYTES);
  const bytes = length <= 0 ? null : caller.read(call.args[3], length);
  const [name = ""] = bytes?.toString("latin1").split("\0", 1) ?? [];
  if (name === "" || name === "lo" || !isDevice(name)) return { as: "continue" };
  const kind = withSocket(caller, intOf(call.args[0]), (socket) => socket.kind);
  if (kind === undefined || !/^(?:tcp|udp)/.test(kind)) return { as: "continue" };
  return { as: "value", value: 0, note: `to ${name}, which the pod's stands for` };
};

/** Of the pod, whose name Kubernetes gives, or of this machine. */
function isDevice(name: string): boolean {
  return name === "eth0" || (!/[/\s]|^\.{1,2}$/.test(name) && existsSync(`/sys/class/net/${name}`));
}
