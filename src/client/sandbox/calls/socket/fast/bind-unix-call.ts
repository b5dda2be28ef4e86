import { FileRules, normalPath, shownPath } from "../../../../files/index.ts";
import type { FastHandler, Verdict } from "../../../supervisor/index.ts";
import { readProgramAddress } from "../program-address.ts";
import type { PodSocketAbout, UnixConfig } from "../socket-config.ts";
import type { SocketBook } from "./socket-book.ts";
import { intOf, readAddressBytes, withSocket } from "./socket-of-call.ts";
import type { UnixWays } from "./unix-ways.ts";

const CONTINUE: Verdict = { as: "continue" };

/** bind(2) where the network is the program's own: that a port was asked for by its number is noted. */
export function bindInNamespaceCall(parts: { book: SocketBook; bindUnix: FastHandler }): FastHandler {
  const { book, bindUnix } = parts;
  return (call, caller) => {
    const bytes = readAddressBytes(caller, call.args[1], intOf(call.args[2]));
    const address = bytes === null ? undefined : readProgramAddress(bytes);
    if (address?.kind !== "ip") return bindUnix(call, caller);
    if (address.endpoint.port > 0)
      withSocket(caller, intOf(call.args[0]), (socket) => {
        if (socket.kind === "tcp4" || socket.kind === "tcp6") book.open(socket).isPortChosen = true;
      });
    return CONTINUE;
  };
}

/**
 * bind(2) to a path: where it is the pod's, nothing is made. On this machine it would be a file that the program neither sees
 * nor can remove, and that is in its way when it runs again; in the pod nobody could be listened for by it.
 */
export function bindUnixCall(parts: {
  config: UnixConfig;
  unixWays: UnixWays;
  tell: (kind: string, about: unknown) => void;
}): FastHandler {
  const { config, unixWays, tell } = parts;
  const rules = config.files === null ? null : new FileRules(config.files);

  return (call, caller) => {
    const bytes = readAddressBytes(caller, call.args[1], intOf(call.args[2]));
    const address = bytes === null ? undefined : readProgramAddress(bytes);
    if (rules === null || address?.kind !== "unix" || address.path.startsWith("\0")) return CONTINUE;
    const path = normalPath(unixWays.wholePath(address.path, caller));
    const { mode } = rules.decide(path);
    if (mode === "local") return CONTINUE;
    if (mode === "absent") return { as: "errno", errno: "ENOENT" };
    const about: PodSocketAbout = { path: shownPath(path) };
    tell("socket-of-pod", about);
    return { as: "errno", errno: mode === "read" ? "EROFS" : "EOPNOTSUPP" };
  };
}
