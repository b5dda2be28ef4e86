import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import t from "tap";
import { PublishedPort } from "../../../../src/client/sandbox/namespace/published-port.ts";
import { relayInside } from "../../../../src/client/sandbox/namespace/port-relay.ts";
import { closeDescriptor, openTcpSocket } from "../../../../src/kernel/index.ts";
import { openFiles } from "../../../fixtures/proc.ts";
import { until } from "../../../fixtures/until.ts";

async function listening(host: string, port = 0): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => socket.end("somebody else")).listen(port, host);
  await once(server, "listening");
  // A TCP server's address is no string.
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function heardOf(port: number, host: string): Promise<string> {
  const socket = connect({ port, host });
  let heard = "";
  socket.on("data", (bytes: Buffer) => {
    heard += bytes.toString();
  });
  await once(socket, "close");
  return heard;
}

/** Says whose it is, and ends. */
function greet(descriptor: number): void {
  new Socket({ fd: descriptor }).end("the program");
}

void t.test("a port has its own number in both families, and none when it is closed", async (t) => {
  const free = await listening("127.0.0.1");
  free.close();
  const published = new PublishedPort({ port: free.port, onConnection: greet });
  t.equal(published.hostPort, free.port);
  for (const host of ["127.0.0.1", "::1"]) t.equal(await heardOf(free.port, host), "the program");
  published[Symbol.dispose]();
  published[Symbol.dispose]();
  await t.rejects(heardOf(free.port, "127.0.0.1"), { code: "ECONNREFUSED" });
});

void t.test(
  "a number that is taken in either family becomes another one, which is free in both",
  async (t) => {
    for (const host of ["127.0.0.1", "::1"]) {
      const before = openFiles(process.pid);
      const taken = await listening(host);
      const published = new PublishedPort({ port: taken.port, onConnection: greet });
      t.not(published.hostPort, taken.port);
      for (const other of ["127.0.0.1", "::1"])
        t.equal(await heardOf(published.hostPort, other), "the program");
      t.equal(await heardOf(taken.port, host), "somebody else");
      published[Symbol.dispose]();
      taken.close();
      await until(() => openFiles(process.pid) === before, { what: "nothing to be left open" });
    }
  },
);

void t.test("a relay carries both halves to their ends, and resets who finds nobody inside", async (t) => {
  const program = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = "";
    socket.on("data", (bytes: Buffer) => {
      heard += bytes.toString();
    });
    socket.on("end", () => socket.end(`heard ${heard.length}`));
  }).listen(0, "127.0.0.1");
  await once(program, "listening");
  const to = { family: 4, address: "127.0.0.1", port: (program.address() as AddressInfo).port } as const; // As above.
  const relayTo = (port: number) => (near: number) =>
    relayInside({ near, inside: openTcpSocket(4), to: { ...to, port } });
  using published = new PublishedPort({ port: 0, onConnection: relayTo(to.port) });
  const caller = connect({ port: published.hostPort, host: "127.0.0.1", allowHalfOpen: true });
  caller.end("x".repeat(3_000_000));
  const [answer] = (await once(caller, "data")) as [Buffer]; // A socket without encoding gives buffers.
  t.equal(answer.toString(), "heard 3000000");
  program.close();
  using nobody = new PublishedPort({ port: 0, onConnection: relayTo(to.port) });
  await once(program, "close");
  await t.rejects(heardOf(nobody.hostPort, "127.0.0.1"), { code: "ECONNRESET" });
  using closed = new PublishedPort({ port: 0, onConnection: closeDescriptor });
  t.equal(await heardOf(closed.hostPort, "127.0.0.1"), "");
});
