import { once } from "node:events";
import { connect, type Socket } from "node:net";
import t from "tap";
import {
  type Accepted,
  Acceptor,
  closeDescriptor,
  localEndpoint,
  openListener,
} from "../../src/kernel/index.ts";
import { Proc, openFiles } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

function listen(family: 4 | 6 = 4): { fd: number; port: number } {
  const address = family === 4 ? "127.0.0.1" : "::1";
  const fd = openListener({ family, address, port: 0 }, { transparent: false, backlog: 128 });
  return { fd, port: localEndpoint(fd).port };
}

async function dial(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ host, port });
  // The other side closes with bytes of nobody unread, or is killed.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket.resume();
}

void t.test(
  "every connection of every listener is given with its peer, and nothing is left open",
  async (t) => {
    // Node opens descriptors of its own for the first use of a pool thread and of sockets.
    for (const isMeasured of [false, true]) {
      const before = openFiles(process.pid);
      const four = listen();
      const six = listen(6);
      const accepted: { accepted: Accepted; listener: number }[] = [];
      const acceptor = new Acceptor({
        listeners: [four.fd, six.fd],
        onAccepted: (connection, listener) => accepted.push({ accepted: connection, listener }),
        onError: (error) => t.fail(error.message),
      });
      const clients = await Promise.all([
        ...Array.from({ length: 100 }, () => dial(four.port)),
        dial(six.port, "::1"),
      ]);
      await until(() => accepted.length === 101, { what: "101 connections" });
      const ports = new Set(clients.map(({ localPort }) => localPort));
      for (const { accepted: connection, listener } of accepted) {
        const isSix = listener === six.fd;
        const own = isSix
          ? { family: 6, address: "::1", port: six.port }
          : { family: 4, address: "127.0.0.1", port: four.port };
        t.match(connection.peer, { family: own.family, address: own.address });
        t.ok(ports.delete(connection.peer.port), "each peer once");
        t.same(localEndpoint(connection.fd), own);
        closeDescriptor(connection.fd);
      }
      await until(() => clients.every(({ closed }) => closed), { what: "all clients to be closed" });
      acceptor.close();
      acceptor.close();
      if (isMeasured)
        await until(() => openFiles(process.pid) <= before, { what: "all descriptors to be closed" });
      else await until(() => openFiles(process.pid) < before + 20, { what: "the first round to end" });
    }
  },
);

void t.test("after close nobody is accepted: the port refuses", async (t) => {
  const { fd, port } = listen();
  const acceptor = new Acceptor({ listeners: [fd], onAccepted: () => t.fail(), onError: () => t.fail() });
  acceptor.close();
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host: "127.0.0.1", port });
        socket.on("connect", () => socket.destroy());
        socket.on("error", () => undefined);
        socket.on("close", (hadError) => resolve(hadError));
      }),
    { what: "the port to refuse" },
  );
});

void t.test(
  "accept(2): out of descriptors it pauses, tells EMFILE, and goes on when there are some again",
  async (t) => {
    const script = `
    const { Acceptor, closeDescriptor, localEndpoint, openListener } =
      await import(${JSON.stringify(new URL("../../src/kernel/index.ts", import.meta.url).href)});
    const listener = openListener({ family: 4, address: "127.0.0.1", port: 0 }, { transparent: false, backlog: 128 });
    const held = [];
    let told = false;
    const acceptor = new Acceptor({
      listeners: [listener],
      onAccepted: ({ fd }) => { held.push(fd); if (told) console.log("again"); },
      onError: (error) => {
        if (!told) console.log(error.code, error.syscall, held.length);
        told = true;
        for (const fd of held.splice(0)) closeDescriptor(fd);
      },
    });
    console.log("port", localEndpoint(listener).port);
    process.stdin.on("end", () => acceptor.close()).resume();
  `;
    await using child = await Proc.start({
      command: ["prlimit", "--nofile=48:48", process.execPath, "--input-type=module", "--eval", script],
    });
    const [, port] = await child.line(/^port (\d+)$/);
    const clients = await Promise.all(Array.from({ length: 60 }, () => dial(Number(port))));
    const [, count] = await child.line(/^EMFILE accept4 (\d+)$/);
    t.ok(Number(count) < 48);
    await child.line(/^again$/);
    child.child.stdin?.end();
    t.match(await child.exited, { code: 0 }, "and it can be closed");
    for (const client of clients) client.destroy();
  },
);
