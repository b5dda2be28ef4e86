import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptWebSocket, ResumableCarrier, Tunnel } from "../../src/tunnel/index.ts";

// An agent in a process of its own, to be stopped from outside. It says its port and takes whoever comes.
const server = createServer().listen(0, "127.0.0.1");
acceptWebSocket({
  server,
  path: "/tunnel",
  admit: () => true,
  onCarrier: (raw) =>
    new Tunnel({
      carrier: new ResumableCarrier({ raw }),
      role: "agent",
      events: { onMessage() {}, onStream: () => undefined, onClose() {} },
    }),
});
await once(server, "listening");
process.send?.((server.address() as AddressInfo).port);
