import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "./way.ts";

/** An HTTP server on a free port, for upgrades to WebSockets. */
export async function listenHttp(host: string): Promise<{ server: Server; endpoint: Endpoint }> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return { server, endpoint: { host, port } };
}
