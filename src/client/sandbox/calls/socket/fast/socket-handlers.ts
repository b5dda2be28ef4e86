import type { MakeFastHandlers } from "../../../supervisor/index.ts";
import type { SocketConfig } from "../socket-config.ts";
import { bindCall } from "./bind-call.ts";
import { bindInNamespaceCall, bindUnixCall } from "./bind-unix-call.ts";
import { connectCall } from "./connect-call.ts";
import { deviceCall } from "./device-call.ts";
import { Decisions } from "./decisions.ts";
import { listenCall } from "./listen-call.ts";
import { MovedPorts } from "./moved-ports.ts";
import { ownNameCall } from "./own-name-call.ts";
import { peerNameCall } from "./peer-name-call.ts";
import { PodPeers } from "./pod-peers.ts";
import { receiveCall } from "./receive-call.ts";
import { sendCall } from "./send-call.ts";
import { socketCall } from "./socket-call.ts";
import { SocketBook } from "./socket-book.ts";
import { socketErrorCall } from "./socket-error-call.ts";
import { UnixWays } from "./unix-ways.ts";

/** Answers the program's calls about sockets on the supervisor's thread, and passes on what takes time. */
const makeSocketHandlers: MakeFastHandlers<SocketConfig> = ({ config, tell }) => {
  const book = new SocketBook();
  const unixWays = new UnixWays(config.unix.rules);
  const connect = connectCall({ config, unixWays, book, tell });
  const listen = listenCall({ book, tell });
  const bindUnix = bindUnixCall({ config: config.unix, unixWays, tell });
  const { network } = config;
  if (network === null) {
    const send = sendCall({ book, unixWays, decisions: null });
    const getpeername = peerNameCall({ book, isElsewhere: () => false });
    return {
      connect,
      bind: bindInNamespaceCall({ book, bindUnix }),
      listen,
      getpeername,
      setsockopt: deviceCall,
      sendto: send,
      sendmsg: send,
      sendmmsg: send,
    };
  }
  const decisions = new Decisions({ channel: config.channel, book });
  const send = sendCall({ book, unixWays, decisions });
  const receive = receiveCall({ book, decisions });
  const moved = new MovedPorts();
  const peers = new PodPeers({ network, decisions, moved });
  return {
    socket: socketCall(tell),
    setsockopt: deviceCall,
    connect,
    listen,
    bind: bindCall({ network, book, moved, bindUnix, tell }),
    getsockname: ownNameCall({ network, book, moved, peers }),
    getpeername: peerNameCall({
      book,
      isElsewhere: (socket, about) => peers.isElsewhere(socket, about),
    }),
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
