import { takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { addressForSocket, isLoopback, readProgramAddress } from "../program-address.ts";
import type { NetworkConfig } from "../socket-config.ts";
import type { Decisions } from "./decisions.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, withSocket, writeAddress } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/** getpeername(2): of a socket that is connected to the pod, where the program meant to go, and not our end on loopback. */
export function peerNameCall(parts: {
  network: NetworkConfig;
  book: SocketBook;
  decisions: Decisions;
}): FastHandler {
  const { network, book, decisions } = parts;
  const silentPorts = new Set(network.silentPorts);

  const isSilent = (peer: Buffer): boolean => {
    const address = readProgramAddress(peer);
    return address.kind === "ip" && isLoopback(address.endpoint) && silentPorts.has(address.endpoint.port);
  };

  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const inode = inodeOfDescriptor(caller, descriptor);
    if (inode === undefined || book.get(inode)?.to === undefined) return CONTINUE;
    const decided = withSocket(caller, descriptor, (socket): Verdict => {
      const { to } = book.open(socket);
      const peer = takenSocket.peerName(socket.fd);
      if (to === undefined || peer === null) return CONTINUE;
      const isOurs = socket.kind.startsWith("udp") ? decisions.behind(peer) !== undefined : isSilent(peer);
      if (!isOurs) return CONTINUE;
      const bytes = addressForSocket(to, socket.kind.endsWith("6") ? 6 : 4);
      const isWritten = writeAddress(caller, { address: call.args[1], length: call.args[2] }, bytes);
      // Where it cannot be written the kernel says why.
      return isWritten ? { as: "value", value: 0 } : CONTINUE;
    });
    return decided ?? CONTINUE;
  };
}
