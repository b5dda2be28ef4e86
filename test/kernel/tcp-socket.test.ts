import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import t from "tap";
import {
  closeDescriptor,
  localEndpoint,
  openListener,
  openUpstreamSocket,
  originalDestination,
  resetOnClose,
  sendNow,
} from "../../src/kernel/index.ts";
import { acceptOne, openTcpSocket } from "../../src/kernel/tcp-socket.ts";
import { openFiles } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const loopback = { family: 4, address: "127.0.0.1", port: 0 } as const;
const plain = { transparent: false, backlog: 16 } as const;

/** A connection: its accepted descriptor and the client's socket. */
async function connected(): Promise<{ fd: number; client: Socket; port: number; close: () => void }> {
  const listener = openListener(loopback, plain);
  const { port } = localEndpoint(listener);
  const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  client.on("error", () => undefined);
  await once(client, "connect");
  const accepted = acceptOne(listener);
  if (accepted === undefined) throw new Error("a connected client waits to be accepted");
  const { fd } = accepted;
  return {
    fd,
    client,
    port,
    close: () => {
      client.destroy();
      closeDescriptor(listener);
    },
  };
}

void t.test("accept(2): one waiting connection at a time, undefined when none waits", async (t) => {
  const listener = openListener(loopback, plain);
  t.equal(acceptOne(listener), undefined);
  const client = connect({ host: "127.0.0.1", port: localEndpoint(listener).port });
  await once(client, "connect");
  const accepted = acceptOne(listener);
  t.match(accepted?.peer, { family: 4, address: "127.0.0.1", port: client.localPort });
  t.equal(acceptOne(listener), undefined);
  closeDescriptor(accepted?.fd ?? -1);
  client.destroy();
  closeDescriptor(listener);
});

void t.test("a listener that cannot be leaves nothing open", async (t) => {
  const listener = openListener(loopback, plain);
  const { port } = localEndpoint(listener);
  const before = openFiles(process.pid);
  t.throws(() => openListener({ ...loopback, port }, plain), { code: "EADDRINUSE", syscall: "bind" });
  t.equal(openFiles(process.pid), before);
  closeDescriptor(listener);
});

void t.test("IPv6 listeners are for IPv6 alone: both families have one of a port", async () => {
  const six = openListener({ family: 6, address: "::", port: 0 }, plain);
  const four = openListener({ family: 4, address: "0.0.0.0", port: localEndpoint(six).port }, plain);
  closeDescriptor(six);
  closeDescriptor(four);
});

void t.test("a connection that nobody diverted has no original destination", async (t) => {
  const { fd, close } = await connected();
  t.equal(originalDestination(fd, 4), undefined);
  t.equal(originalDestination(fd, 6), undefined);
  closeDescriptor(fd);
  close();
});

void t.test("sends what the kernel takes of a range, and says how much that was", async (t) => {
  const { fd, client, close } = await connected();
  t.equal(sendNow(fd, Buffer.from("xxhelloxx"), 2, 7), 5);
  const [bytes] = (await once(client, "data")) as [Buffer]; // A socket without encoding gives buffers.
  t.equal(bytes.toString(), "hello");
  client.pause();
  const bulk = Buffer.alloc(8 * 1024 * 1024);
  const first = sendNow(fd, bulk, 0, bulk.length);
  t.ok(first > 0 && first < bulk.length, "a part of it");
  while (sendNow(fd, bulk, 0, bulk.length) > 0);
  t.equal(sendNow(fd, bulk, 0, 1), 0, "send(2): EAGAIN is nothing sent");
  closeDescriptor(fd);
  t.equal(sendNow(-1, bulk, 0, 1), 0, "and so is any other failure");
  close();
});

void t.test("socket(7): SO_LINGER of no time makes close a reset", async (t) => {
  const { fd, client, close } = await connected();
  const failed = once(client, "error") as Promise<[NodeJS.ErrnoException]>; // What `error` carries.
  resetOnClose(fd);
  closeDescriptor(fd);
  t.equal((await failed)[0].code, "ECONNRESET");
  close();
});

void t.test("an upstream socket bears its mark, and connects as any other", async (t) => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
  const fd = openUpstreamSocket({ family: 4, mark: 0x6d61 });
  const socket = new Socket({ fd, manualStart: true } as ConstructorParameters<typeof Socket>[0]);
  socket.connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  const shown = execFileSync("ss", ["-tnHeO", "sport", "=", `:${socket.localPort}`], { encoding: "utf8" });
  t.match(shown, /fwmark:0x6d61\b/);
  socket.destroy();
  server.close();
  await once(server, "close");
});

void t.test(
  "IP_TRANSPARENT: foreign addresses get ports of 10240 to 32767 alone, which no client draws",
  async (t) => {
    const listener = openListener(
      { family: 4, address: "127.0.0.1", port: 0 },
      { transparent: false, backlog: 256 },
    );
    const { port } = localEndpoint(listener);
    const sockets: Socket[] = [];
    for (let count = 0; count < 120; count++) {
      // Every address of 127.0.0.0/8 has its way back.
      const fd = openUpstreamSocket({ family: 4, mark: 1, from: `127.9.8.${1 + (count % 3)}` });
      const socket = new Socket({ fd, manualStart: true } as ConstructorParameters<typeof Socket>[0]);
      socket.connect({ host: "127.0.0.1", port });
      sockets.push(socket);
    }
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    for (const { localPort = 0, localAddress = "" } of sockets) {
      t.ok(localPort >= 10_240 && localPort <= 32_767, `port ${localPort}`);
      t.match(localAddress, /^127\.9\.8\.[123]$/);
    }
    for (const socket of sockets) socket.destroy();
    closeDescriptor(listener);
    await until(() => sockets.every(({ closed }) => closed), { what: "all sockets to be closed" });
  },
);

void t.test(
  "ip(7): an address that is nobody's here may be bound; one of the other family may not",
  async (t) => {
    for (const [family, from] of [
      [4, "203.0.113.7"],
      [6, "2001:db8::7"],
    ] as const) {
      const fd = openUpstreamSocket({ family, mark: 1, from });
      t.equal(localEndpoint(fd).address, from);
      closeDescriptor(fd);
    }
  },
);

void t.test("descriptors are not blocking and closed on exec", async (t) => {
  const fd = openTcpSocket(4);
  const flags = execFileSync("cat", [`/proc/${process.pid}/fdinfo/${fd}`], { encoding: "utf8" });
  const value = Number.parseInt(/^flags:\s+(\d+)$/m.exec(flags)?.[1] ?? "0", 8);
  t.equal(value & 0o4000, 0o4000, "O_NONBLOCK");
  t.equal(value & 0o2000000, 0o2000000, "O_CLOEXEC");
  closeDescriptor(fd);
});
