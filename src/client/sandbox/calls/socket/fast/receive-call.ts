import { takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Later, Verdict } from "../../../supervisor/index.ts";
import { asksForErrors, MSG_DONTWAIT, readReceivingCall, receiveFor } from "../messages/receiving-call.ts";
import { addressForSocket } from "../program-address.ts";
import type { Decisions } from "./decisions.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/** recvfrom(2), recvmsg(2), recvmmsg(2): who has sent a datagram is told as the program knows them. */
export function receiveCall({ book, decisions }: { book: SocketBook; decisions: Decisions }): FastHandler {
  return (call, caller) => {
    const receiving = readReceivingCall(call);
    const inode = inodeOfDescriptor(caller, receiving.descriptor);
    if (inode === undefined) return CONTINUE;
    decisions.hear();
    if (book.get(inode)?.mayGetFromPod !== true || asksForErrors(receiving)) return CONTINUE;
    const decided = withSocket(caller, receiving.descriptor, (socket): Verdict | Later => {
      if (!book.open(socket).mayGetFromPod) return CONTINUE;
      const { fd, kind } = socket;
      const nameOf = (name: Buffer): Uint8Array | null => {
        const remote = decisions.behind(name);
        return remote === undefined ? null : addressForSocket(remote, kind === "udp6" ? 6 : 4);
      };
      const verdict = receiveFor(call, caller, { fd, nameOf });
      if (verdict !== null) return verdict;
      if ((receiving.flags & MSG_DONTWAIT) !== 0 || takenSocket.isNonBlocking(fd))
        return { as: "errno", errno: "EAGAIN" };
      return { as: "later", kind: "receive", about: null };
    });
    return decided ?? CONTINUE;
  };
}
