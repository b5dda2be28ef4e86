import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AcceptOptions, acceptWebSocket } from "../../tunnel/index.ts";
import type { TicketOffice } from "./ticket-office.ts";

/** Not imported: for an import Node loads all that the module can give, the whole of fetch too, which takes 30 ms. */
const { createServer } = process.getBuiltinModule("node:http");

/** Where clients knock; the same in the client. */
export const TUNNEL_PATH = "/tunnel";
/** Handshakes under way: sessions are few, so more is somebody who does not mean to join. */
const MAX_SOCKETS = 256;

/** The door for clients: a WebSocket on loopback, inside the pod's network namespace only, for ticket holders only. */
export class ControlServer {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    // A server that listens on TCP has an address of this shape.
    this.port = (server.address() as AddressInfo).port;
  }

  static async listen(options: {
    tickets: TicketOffice;
    onCarrier: AcceptOptions["onCarrier"];
    resume: NonNullable<AcceptOptions["resume"]>;
  }): Promise<ControlServer> {
    const server = createServer((_request, response) => response.writeHead(404).end());
    server.maxConnections = MAX_SOCKETS;
    server.headersTimeout = 10_000;
    acceptWebSocket({
      server,
      path: TUNNEL_PATH,
      admit: (ticket) => options.tickets.redeem(ticket),
      onCarrier: options.onCarrier,
      resume: options.resume,
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ControlServer(server);
  }

  /** Lets nobody in any more; sessions that exist go on. */
  close(): void {
    this.#server.close();
  }
}
