import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import t from "tap";
import { ControlServer, TicketOffice } from "../../../src/agent/session/index.ts";
import { type Carrier, connectWebSocket } from "../../../src/tunnel/index.ts";

async function join(port: number, ticket: string): Promise<Carrier> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  return connectWebSocket({ socket, ticket, path: "/tunnel" });
}

/** The status of a plain request, whatever the server says. */
async function statusOf(port: number, headers: Record<string, string>): Promise<number | undefined> {
  const sent = request({ host: "127.0.0.1", port, path: "/tunnel", headers });
  const answered = once(sent, "response");
  sent.end();
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

void t.test("a ticket opens the door once; nobody else comes in", async (t) => {
  const tickets = new TicketOffice();
  const carriers: Carrier[] = [];
  const server = await ControlServer.listen({
    tickets,
    resume: () => "unknown",
    onCarrier: (carrier) => carriers.push(carrier),
  });
  t.teardown(() => {
    for (const carrier of carriers) carrier.destroy();
    server.close();
  });
  await t.rejects(join(server.port, "never-issued"), { code: "ticket-refused" });
  const { ticket } = tickets.issue();
  const carrier = await join(server.port, ticket);
  t.teardown(() => carrier.destroy());
  t.equal(carriers.length, 1);
  await t.rejects(join(server.port, ticket), { code: "ticket-refused" });
  t.equal(carriers.length, 1);
});

void t.test(
  "RFC 9110 §15.5.2: an upgrade without a ticket is a 401; what is no upgrade is a 404",
  async (t) => {
    const server = await ControlServer.listen({
      tickets: new TicketOffice(),
      resume: () => "unknown",
      onCarrier: () => t.fail(),
    });
    t.teardown(() => server.close());
    const upgrade = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    t.equal(await statusOf(server.port, upgrade), 401);
    t.equal(await statusOf(server.port, { ...upgrade, authorization: "Bearer x" }), 401);
    t.equal(await statusOf(server.port, {}), 404);
  },
);
