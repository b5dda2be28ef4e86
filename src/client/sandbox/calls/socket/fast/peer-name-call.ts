import { type Endpoint, takenSocket, UnixPairs } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { addressForSocket } from "../program-address.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, type TakenSocket, withSocket, writeAddress } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/** getpeername(2): whom the program meant to reach, and not our end on loopback, nor where a port was moved to. */
export function peerNameCall(parts: { book: SocketBook; isElsewhere: IsElsewhere }): FastHandler {
  const { book, isElsewhere } = parts;

  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const inode = inodeOfDescriptor(caller, descriptor);
    const booked = inode === undefined ? undefined : book.get(inode);
    if (booked === undefined || (booked.to === undefined && booked.toPath === undefined)) return CONTINUE;
    const decided = withSocket(caller, descriptor, (socket): Verdict => {
      const bytes = toldName(socket);
      if (bytes === undefined) return CONTINUE;
      const isWritten = writeAddress(caller, { address: call.args[1], length: call.args[2] }, bytes);
      // Where it cannot be written the kernel says why.
      return isWritten ? { as: "value", value: 0 } : CONTINUE;
    });
    return decided ?? CONTINUE;
  };

  /** Undefined where the kernel's own answer is the right one. */
  function toldName(socket: TakenSocket): Uint8Array | undefined {
    const { to, toPath } = book.open(socket);
    const peer = to === undefined && toPath === undefined ? null : takenSocket.peerName(socket.fd);
    if (peer === null) return undefined;
    if (socket.kind.startsWith("unix")) return UnixPairs.isOurs(peer) ? toPath : undefined;
    if (to === undefined || !isElsewhere(socket, { to, peer })) return undefined;
    return addressForSocket(to, socket.kind.endsWith("6") ? 6 : 4);
  }
}

/** Whether the other end is another one than the program believes. @param peer as struct sockaddr */
export type IsElsewhere = (socket: TakenSocket, about: { to: Endpoint; peer: Buffer }) => boolean;
