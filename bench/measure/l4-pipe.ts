/** The floor for any proxy on Node: `l4-pipe.ts <port> <upstream port>` joins sockets and looks at nothing. */
import { connect, createServer } from "node:net";

const [port = 0, upstreamPort = 0] = process.argv.slice(2).map(Number);

createServer({ allowHalfOpen: true, noDelay: true }, (downstream) => {
  const upstream = connect({ port: upstreamPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  downstream.on("error", () => upstream.destroy());
  upstream.on("error", () => downstream.destroy());
  downstream.once("close", () => upstream.destroy());
  upstream.once("close", () => downstream.destroy());
  downstream.pipe(upstream);
  upstream.pipe(downstream);
}).listen({ port, backlog: 1024 }, () => console.log("listening"));
