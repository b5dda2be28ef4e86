import { takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Later, Verdict } from "../../../supervisor/index.ts";
import type { SocketErrorAbout } from "../socket-config.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };
const { closed, synReceived, synSent } = takenSocket.TcpState;

/**
 * getsockopt(2) of SO_ERROR, by which a program asks what became of a connection that it did not wait for: the main thread
 * knows what the far end said.
 */
export function socketErrorCall({ book }: { book: SocketBook }): FastHandler {
  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const inode = inodeOfDescriptor(caller, descriptor);
    if (inode === undefined || book.get(inode)?.to === undefined) return CONTINUE;
    const decided = withSocket(caller, descriptor, (socket): Verdict | Later => {
      const state = takenSocket.tcpState(socket.fd);
      // What is connected has an error of its own, if any; what still connects may be about to fail.
      if (state !== closed && state !== synSent && state !== synReceived) return CONTINUE;
      const about: SocketErrorAbout = { cookie: socket.cookie, inode: socket.inode };
      return { as: "later", kind: "socket-error", about };
    });
    return decided ?? CONTINUE;
  };
}
