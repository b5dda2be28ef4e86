import { decodeSockaddr, type Endpoint, takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { addressForSocket, isAnyAddress, isLoopback } from "../program-address.ts";
import type { NetworkConfig } from "../socket-config.ts";
import type { MovedPorts } from "./moved-ports.ts";
import type { PodPeers } from "./pod-peers.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, type TakenSocket, withSocket, writeAddress } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/**
 * getsockname(2): what was bound elsewhere than the program has said is called as it has said, and a socket that is connected
 * to the pod has the pod's address, where that is known.
 */
export function ownNameCall(parts: {
  network: NetworkConfig;
  book: SocketBook;
  moved: MovedPorts;
  peers: PodPeers;
}): FastHandler {
  const { network, book, moved, peers } = parts;
  const podAddressOf = (family: 4 | 6): string | undefined =>
    network.podAddresses.find(
      (address) => address.includes(":") === (family === 6) && !address.startsWith("fe80:"),
    );

  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const inode = inodeOfDescriptor(caller, descriptor);
    if (inode === undefined || (book.get(inode) === undefined && moved.isEmpty)) return CONTINUE;
    const decided = withSocket(caller, descriptor, (socket): Verdict => {
      const { kind, fd } = socket;
      if (kind === "other" || kind.startsWith("unix")) return CONTINUE;
      const name = takenSocket.socketName(fd);
      const told = name === null ? undefined : toldName(socket, decodeSockaddr(name));
      if (told === undefined) return CONTINUE;
      const bytes = addressForSocket(told, kind.endsWith("6") ? 6 : 4);
      const isWritten = writeAddress(caller, { address: call.args[1], length: call.args[2] }, bytes);
      return isWritten ? { as: "value", value: 0 } : CONTINUE;
    });
    return decided ?? CONTINUE;
  };

  /** Undefined where the kernel's own answer is the right one. */
  function toldName(socket: TakenSocket, name: Endpoint): Endpoint | undefined {
    // An accepted connection has the port of its listener.
    const protocol = socket.kind.startsWith("tcp") ? "tcp" : "udp";
    const claimed = book.open(socket).claimed ?? moved.claimOf(protocol, name.port);
    // Of one that was bound to all addresses, the kernel knows which one a connection has come to.
    if (claimed !== undefined) return isAnyAddress(claimed) ? { ...name, port: claimed.port } : claimed;
    const booked = book.open(socket);
    const { to } = booked;
    if (to === undefined || isLoopback(to) || !isLoopback(name)) return undefined;
    // Of a connection that is over the kernel does not say who it was with.
    booked.isWithPod ||= peers.isConnectedToPod(socket);
    if (!booked.isWithPod) return undefined;
    const address = podAddressOf(to.family);
    return address === undefined ? undefined : { family: to.family, address, port: name.port };
  }
}
