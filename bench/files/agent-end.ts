import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PodFiles } from "../../src/agent/files/index.ts";
import { silentLog } from "../../src/agent/log.ts";
import { decodeClientOpening } from "../../src/protocol/index.ts";
import { acceptWebSocket, Tunnel } from "../../src/tunnel/index.ts";

/** The agent's end in a process of its own, as it is in a pod: prints the port that it listens on. */
const files = new PodFiles({ log: silentLog() });
const server = createServer();
acceptWebSocket({
  server,
  path: "/",
  admit: () => true,
  onCarrier: (carrier) => {
    const served = files.forSession();
    const tunnel: Tunnel = new Tunnel({
      carrier,
      role: "agent",
      events: {
        onMessage: () => {},
        onClose: () => process.exit(tunnel.streamCount),
        onStream: (stream, payload) => {
          const opening = decodeClientOpening(payload);
          return opening.kind === "files" ? served.serve(stream, opening) : undefined;
        },
      },
    });
  },
});
server.listen(0, "127.0.0.1", () => {
  // A server that listens on TCP has such an address.
  console.log((server.address() as AddressInfo).port);
});
