import {
  closeDescriptor,
  decodeSockaddr,
  type Endpoint,
  takenSocket,
  watchShared,
} from "../../../../../kernel/index.ts";
import type { SlowHandler, Verdict } from "../../../supervisor/index.ts";
import { readReceivingCall, receiveFor } from "../messages/receiving-call.ts";
import { addressForSocket } from "../program-address.ts";
import { EndOfWait } from "./end-of-wait.ts";

const CONTINUE: Verdict = { as: "continue" };

/**
 * Makes the handler of receiving calls that wait: on a socket that blocks, with nothing there yet.
 * @param behind tells who is behind a place on loopback
 */
export function parkedReceive(behind: (at: Endpoint) => Endpoint | undefined): SlowHandler {
  return async (call, _about, caller) => {
    const fd = caller.takeDescriptor(readReceivingCall(call).descriptor);
    if (fd === null) return CONTINUE;
    try {
      const family = takenSocket.socketKind(fd) === "udp6" ? 6 : 4;
      const nameOf = (name: Buffer): Uint8Array | null => {
        const remote = behind(decodeSockaddr(name));
        return remote === undefined ? null : addressForSocket(remote, family);
      };
      using until = new EndOfWait(caller.interrupted, takenSocket.waitLimitMs(fd, "receive"));
      for (let isOver = false; ; ) {
        const verdict = receiveFor(call, caller, { fd, nameOf });
        if (verdict !== null) return verdict;
        if (until.isTime) return { as: "errno", errno: "EAGAIN" };
        // The kernel finds the signal, and says EINTR, or calls its handler and comes back here.
        if (isOver) return CONTINUE;
        const { promise, resolve } = Promise.withResolvers<"readable">();
        const watch = watchShared(fd, () => resolve("readable"));
        try {
          isOver = (await Promise.race([promise, until.promise])) === undefined;
        } finally {
          watch[Symbol.dispose]();
        }
      }
    } finally {
      closeDescriptor(fd);
    }
  };
}
