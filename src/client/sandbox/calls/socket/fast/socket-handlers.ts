import type { MakeFastHandlers } from "../../../supervisor/held-call.ts";
import type { SocketConfig } from "../socket-config.ts";
import { connectCall } from "./connect-call.ts";
import { peerNameCall } from "./peer-name-call.ts";
import { SocketBook } from "./socket-book.ts";
import { socketErrorCall } from "./socket-error-call.ts";

/** Answers the program's calls about sockets on the supervisor's thread, and passes on what takes time. */
const makeSocketHandlers: MakeFastHandlers<SocketConfig> = ({ config, tell }) => {
  const book = new SocketBook();
  const connect = connectCall({ config, book, tell });
  if (config.network === null) return { connect };
  return {
    connect,
    getpeername: peerNameCall({ network: config.network, book }),
    getsockopt: socketErrorCall({ book }),
  };
};

export default makeSocketHandlers;
