import { decodeSockaddr, type Endpoint, LOOPBACK, takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import {
  addressForSocket,
  isAnyAddress,
  isLoopback,
  isOfOneLink,
  readProgramAddress,
} from "../program-address.ts";
import type { BoundAbout, NetworkConfig } from "../socket-config.ts";
import type { MovedPorts } from "./moved-ports.ts";
import type { SocketBook } from "./socket-book.ts";
import { intOf, readAddressBytes, type TakenSocket, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };
/** What is added to a port that only the privileged may take (ip(7)): 80 becomes 10080. */
const MOVED_BY = 10_000;

/**
 * bind(2): what this machine refuses, and the pod would not, is bound to something like it: an address of the pod to loopback,
 * and a port of the privileged to another one. What is taken stays taken.
 */
export function bindCall(parts: {
  network: NetworkConfig;
  book: SocketBook;
  moved: MovedPorts;
  bindUnix: FastHandler;
  tell: (kind: string, about: unknown) => void;
}): FastHandler {
  const { network, book, moved, bindUnix, tell } = parts;

  return (call, caller) => {
    const bytes = readAddressBytes(caller, call.args[1], intOf(call.args[2]));
    const address = bytes === null ? undefined : readProgramAddress(bytes);
    if (address?.kind === "unix") return bindUnix(call, caller);
    if (bytes === null || address?.kind !== "ip" || isOfOneLink(address.endpoint)) return CONTINUE;
    const decided = withSocket(caller, intOf(call.args[0]), (socket): Verdict => {
      const protocol = protocolOf(socket);
      if (protocol === undefined) return CONTINUE;
      const errno = takenSocket.bindSocket(socket.fd, bytes);
      const outcome =
        errno === null ? null : bindElsewhere(socket, protocol, { claimed: address.endpoint, errno });
      if (outcome !== null) return { as: "errno", errno: outcome };
      if (protocol === "tcp" && address.endpoint.port > 0) book.open(socket).isPortChosen = true;
      const about: BoundAbout = { inode: socket.inode, cookie: socket.cookie, port: address.endpoint.port };
      if (protocol === "udp") tell("bound", about);
      return { as: "value", value: 0 };
    });
    return decided ?? CONTINUE;
  };

  /** Null when it could be bound, else an errno. */
  function bindElsewhere(
    socket: TakenSocket,
    protocol: "tcp" | "udp",
    { claimed, errno }: { claimed: Endpoint; errno: string },
  ): string | null {
    const { fd } = socket;
    let at = claimed;
    let outcome: string | null = errno;
    if (outcome === "EADDRNOTAVAIL" && isOfPod(claimed)) {
      at = { ...at, address: LOOPBACK[at.family] };
      outcome = bindTo(socket, at);
    }
    if (outcome === "EACCES" && claimed.port > 0 && claimed.port < 1024) {
      const known = moved.hostPortOf(protocol, claimed.port);
      outcome = bindTo(socket, { ...at, port: known ?? claimed.port + MOVED_BY });
      // Somebody else's; but where the program has it, it is as taken as it seems.
      if (outcome === "EADDRINUSE" && known === undefined) outcome = bindTo(socket, { ...at, port: 0 });
    }
    if (outcome !== null) return outcome;
    const name = takenSocket.socketName(fd);
    const hostPort = name === null ? claimed.port : decodeSockaddr(name).port;
    const told = { ...claimed, port: claimed.port === 0 ? hostPort : claimed.port };
    book.open(socket).claimed = told;
    moved.remember(protocol, { claimed: told, hostPort });
    return null;
  }

  function isOfPod(endpoint: Endpoint): boolean {
    if (isAnyAddress(endpoint) || isLoopback(endpoint)) return false;
    // As long as nobody knows the pod's, any may be.
    return network.podAddresses.length === 0 || network.podAddresses.includes(endpoint.address);
  }
}

function bindTo({ fd, kind }: TakenSocket, at: Endpoint): string | null {
  return takenSocket.bindSocket(fd, addressForSocket(at, kind.endsWith("6") ? 6 : 4));
}

function protocolOf({ kind }: TakenSocket): "tcp" | "udp" | undefined {
  if (kind === "tcp4" || kind === "tcp6") return "tcp";
  return kind === "udp4" || kind === "udp6" ? "udp" : undefined;
}
