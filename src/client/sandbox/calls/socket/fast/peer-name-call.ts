import { decodeSockaddr, takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { addressForSocket } from "../program-address.ts";
import type { MovedPorts } from "./moved-ports.ts";
import type { PodPeers } from "./pod-peers.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, type TakenSocket, withSocket, writeAddress } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/** getpeername(2): whom the program meant to reach, and not our end on loopback, nor where a port was moved to. */
export function peerNameCall(parts: { book: SocketBook; moved: MovedPorts; peers: PodPeers }): FastHandler {
  const { book, moved, peers } = parts;

  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const inode = inodeOfDescriptor(caller, descriptor);
    if (inode === undefined || book.get(inode)?.to === undefined) return CONTINUE;
    const decided = withSocket(caller, descriptor, (socket): Verdict => {
      const { to } = book.open(socket);
      if (to === undefined || !(peers.isConnectedToPod(socket) || isMoved(socket))) return CONTINUE;
      const bytes = addressForSocket(to, socket.kind.endsWith("6") ? 6 : 4);
      const isWritten = writeAddress(caller, { address: call.args[1], length: call.args[2] }, bytes);
      // Where it cannot be written the kernel says why.
      return isWritten ? { as: "value", value: 0 } : CONTINUE;
    });
    return decided ?? CONTINUE;
  };

  /** Whether it is connected to a listener of the program that is elsewhere than it has said. */
  function isMoved({ fd, kind }: TakenSocket): boolean {
    const peer = moved.isEmpty ? null : takenSocket.peerName(fd);
    if (peer === null) return false;
    return moved.claimOf(kind.startsWith("tcp") ? "tcp" : "udp", decodeSockaddr(peer).port) !== undefined;
  }
}
