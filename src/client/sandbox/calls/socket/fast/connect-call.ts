import { formatEndpoint } from "../../../../../kernel/index.ts";
import { printedPath } from "../../../../outgoing/printed-path.ts";
import type { Caller, FastHandler, HeldCall, Later, Verdict } from "../../../supervisor/index.ts";
import { destinationOf, type ProgramAddress, readProgramAddress } from "../program-address.ts";
import type { ConnectAbout, ConnectUnixAbout, SocketConfig } from "../socket-config.ts";
import type { UnixWays } from "./unix-ways.ts";
import type { SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, intOf, readAddressBytes, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };
/** As connect(2) says of a socket whose type another one does not speak; only streams go to the pod. */
const WRONG_TYPE: Verdict = { as: "errno", errno: "EPROTOTYPE" };

/** connect(2): whatever may leave from the pod goes to the main thread. */
export function connectCall(parts: {
  config: SocketConfig;
  unixWays: UnixWays;
  book: SocketBook;
  tell: (kind: string, about: unknown) => void;
}): FastHandler {
  const { book, config, unixWays, tell } = parts;

  return (call, caller) => {
    const descriptor = intOf(call.args[0]);
    const bytes = readAddressBytes(caller, call.args[1], intOf(call.args[2]));
    if (bytes === null) return CONTINUE;
    const address = readProgramAddress(bytes);
    if (address.kind === "ip" && config.network !== null) return connectInternet(call, caller, address);
    if (address.kind === "unix") return connectUnix(call, caller, { path: address.path, bytes });
    if (address.kind === "nowhere") takeBack(caller, descriptor);
    return address.kind === "ip" ? { ...CONTINUE, note: `to ${formatEndpoint(address.endpoint)}` } : CONTINUE;
  };

  function connectInternet(
    call: HeldCall,
    caller: Caller,
    address: ProgramAddress & { kind: "ip" },
  ): Verdict | Later {
    const decided = withSocket(caller, intOf(call.args[0]), (socket): Verdict | Later => {
      const { kind, inode, cookie } = socket;
      const isTcp = kind === "tcp4" || kind === "tcp6";
      const isUdp = kind === "udp4" || kind === "udp6";
      if (!isTcp && !isUdp) return CONTINUE;
      const family = kind.endsWith("6") ? 6 : 4;
      // EAFNOSUPPORT; but a socket of UDP over IPv6 takes both.
      if (address.written !== family && !(family === 6 && isUdp)) return CONTINUE;
      const to = destinationOf(address.endpoint);
      book.open(socket).connectsTo(to);
      const about: ConnectAbout = { cookie, inode, to, family };
      return { as: "later", kind: isTcp ? "connect-tcp" : "connect-udp", about };
    });
    return decided ?? CONTINUE;
  }

  function connectUnix(
    call: HeldCall,
    caller: Caller,
    named: { path: string; bytes: Buffer },
  ): Verdict | Later {
    const path = unixWays.wholePath(named.path, caller);
    const where = unixWays.wayOf(path);
    const isAbstract = path.startsWith("\0");
    const note = `unix ${printedPath(path)}: ${where}`;
    if (where === "absent") return { as: "errno", errno: isAbstract ? "ECONNREFUSED" : "ENOENT", note };
    if (where === "local" && (!isAbstract || config.unix.sharesAbstractNames)) return { ...CONTINUE, note };
    const decided = withSocket(caller, intOf(call.args[0]), (socket): Verdict | Later => {
      const { kind, cookie } = socket;
      if (!kind.startsWith("unix")) return CONTINUE;
      if (kind === "unix-datagram") return where === "local" ? CONTINUE : WRONG_TYPE;
      if (where === "remote") book.open(socket).toPath = named.bytes;
      const about: ConnectUnixAbout = {
        cookie,
        path,
        type: kind === "unix-seqpacket" ? "seqpacket" : "stream",
        address: where === "local" ? named.bytes : null,
      };
      return { as: "later", kind: "connect-unix", about };
    });
    return decided ?? CONTINUE;
  }

  function takeBack(caller: Caller, descriptor: number): void {
    const inode = inodeOfDescriptor(caller, descriptor);
    const booked = inode === undefined ? undefined : book.get(inode);
    if (inode === undefined || booked?.to === undefined) return;
    booked.takeBack();
    tell("taken-back", { inode, cookie: booked.cookie });
  }
}
