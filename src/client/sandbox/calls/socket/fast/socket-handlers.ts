import type { MakeFastHandlers } from "../../../supervisor/index.ts";
import type { SocketConfig } from "../socket-config.ts";
import { connectCall } from "./connect-call.ts";
import { Decisions } from "./decisions.ts";
import { peerNameCall } from "./peer-name-call.ts";
import { receiveCall } from "./receive-call.ts";
import { sendCall } from "./send-call.ts";
import { SocketBook } from "./socket-book.ts";
import { socketErrorCall } from "./socket-error-call.ts";

/** Answers the program's calls about sockets on the supervisor's thread, and passes on what takes time. */
const makeSocketHandlers: MakeFastHandlers<SocketConfig> = ({ config, tell }) => {
  const book = new SocketBook();
  const connect = connectCall({ config, book, tell });
  const { network } = config;
  if (network === null) return { connect };
  const decisions = new Decisions({ channel: config.channel, book });
  const send = sendCall({ book, decisions });
  const receive = receiveCall({ book, decisions });
  return {
    connect,
    getpeername: peerNameCall({ network, book, decisions }),
    getsockopt: socketErrorCall({ book }),
    sendto: send,
    sendmsg: send,
    sendmmsg: send,
    recvfrom: receive,
    recvmsg: receive,
    recvmmsg: receive,
  };
};

export default makeSocketHandlers;
