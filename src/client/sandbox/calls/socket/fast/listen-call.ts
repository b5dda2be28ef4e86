import { decodeSockaddr, takenSocket } from "../../../../../kernel/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { isLoopback } from "../program-address.ts";
import type { ListeningAbout } from "../socket-config.ts";
import type { SocketBook } from "./socket-book.ts";
import { intOf, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };

/** listen(2) of TCP: done here, so that the main thread hears of the port that it has, also where the kernel chose it. */
export function listenCall(parts: {
  book: SocketBook;
  tell: (kind: string, about: unknown) => void;
}): FastHandler {
  const { book, tell } = parts;

  return (call, caller) => {
    const decided = withSocket(caller, intOf(call.args[0]), (socket): Verdict => {
      const { fd, inode, kind } = socket;
      if (kind !== "tcp4" && kind !== "tcp6") return CONTINUE;
      const errno = takenSocket.listenOnSocket(fd, intOf(call.args[1]));
      if (errno !== null) return { as: "errno", errno };
      const name = takenSocket.socketName(fd);
      if (name === null) return { as: "value", value: 0 };
      const at = decodeSockaddr(name);
      const booked = book.get(inode)?.cookie === socket.cookie ? book.open(socket) : undefined;
      const asked = booked?.claimed ?? at;
      const isPortChosen = booked?.isPortChosen === true;
      const isOnlyIPv6 = takenSocket.isOnlyIPv6(fd);
      const isOnLoopback = isLoopback(asked);
      const about: ListeningAbout = { inode, at, port: asked.port, isPortChosen, isOnlyIPv6, isOnLoopback };
      tell("listening", about);
      return { as: "value", value: 0 };
    });
    return decided ?? CONTINUE;
  };
}
