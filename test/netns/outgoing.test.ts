import { once } from "node:events";
import { text } from "node:stream/consumers";
import t from "tap";
import { type Destination, NetworkError, RuledOutgoing } from "../../src/client/outgoing/index.ts";
import { encodeClientOpening } from "../../src/protocol/index.ts";
import { startAgent } from "../fixtures/agent-process.ts";
import { AgentSession } from "../fixtures/agent-session.ts";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { NearEnds } from "../fixtures/near-ends.ts";
import type { Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const appPort = 8080;
const never = new AbortController().signal;

/**
 * The pod's app, of an ordinary user: on loopback alone, by TCP and UDP, and by a socket file that only it sees at that path,
 * where it says whom it sees at the other end (SO_PEERCRED, unix(7)).
 */
async function startApp(pod: Namespace): Promise<Proc> {
  const script = `
    const { createServer } = require("net");
    const getsockopt = require("koffi").load(null).func("int getsockopt(int, int, int, void *, _Inout_ uint32_t *)");
    process.setgid(65533);
    process.setuid(65534);
    const say = (socket) => socket.end("app to " + socket.remoteAddress);
    const sayToNeighbour = (socket) => {
      const ids = new Int32Array(64);
      getsockopt(socket._handle.fd, 1, 17, ids, [12]);
      socket.end("app to a neighbour, user " + ids[1] + ", group " + ids[2]);
    };
    const udp = require("dgram").createSocket("udp4").bind(${appPort}, "127.0.0.1");
    udp.on("message", (bytes, from) => udp.send("app got " + bytes, from.port, from.address));
    let left = 4;
    const up = () => --left || console.log("up");
    udp.on("listening", up);
    for (const host of ["127.0.0.1", "::1"]) createServer(say).listen({ port: ${appPort}, host }, up);
    createServer(sayToNeighbour).listen("/mnt/run/app.sock", up);`;
  const prepare =
    'mount -t tmpfs none /mnt && mkdir -m 777 /mnt/run && ln -s /mnt/run/app.sock /mnt/link && exec "$@"';
  const command = [process.execPath, "-e", script];
  const app = await pod.spawn(["unshare", "--mount", "sh", "-c", prepare, "sh", ...command]);
  await app.line(/^up$/);
  return app;
}

/** Says who listens on a free port, and whom it sees. */
async function startServer(where: Namespace): Promise<number> {
  const script = `const server = require("net").createServer((socket) => socket.end("server to " + socket.remoteAddress));
    server.listen(0, "::", () => console.log("port " + server.address().port));`;
  const server = await where.spawn([process.execPath, "-e", script]);
  return Number((await server.line(/^port (\d+)$/))[1]);
}

function tcp(address: string, port: number): Destination {
  return { protocol: "tcp", endpoint: { family: address.includes(":") ? 6 : 4, address, port } };
}

void t.test("flows leave from the pod as its own processes' would", async (t) => {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const { client, pod } = stack.use(await createNamespaces({ label: "outgoing" }));
  const [serverPort] = await Promise.all([startServer(client), startApp(pod)]);
  const agent = stack.use(await startAgent({ pod, runtimeDirectory, args: [] }));
  const filesBefore = agent.openFiles();
  const nearEnds = stack.use(new NearEnds());
  let stolen = 0;
  const session = await AgentSession.join({
    pod,
    runtimeDirectory,
    // As a program does that is not reached: the app answers in its place.
    onStream: (stream) => {
      stolen++;
      stream.reset("local-refused");
      return undefined;
    },
  });
  const outgoing = new RuledOutgoing({
    openStream: (opening, events) => session.open(encodeClientOpening(opening), events),
    decide: (to) => ({ where: "remote", to }),
  });
  const answer = async (to: Destination, question = ""): Promise<string> => {
    const connection = await outgoing.connect(to, { signal: never });
    const { program, fd } = await nearEnds.make();
    connection.join(fd);
    program.end(question);
    return text(program);
  };
  const errno = async (to: Destination): Promise<string> => {
    try {
      (await outgoing.connect(to, { signal: never })).abandon();
      return "none";
    } catch (error) {
      return error instanceof NetworkError ? error.errno : String(error);
    }
  };

  // A host that says nothing: the kernel asks it twice, which takes seconds.
  await pod.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries");
  await client.run(
    "nft",
    "add table inet quiet; add chain inet quiet in { type filter hook input priority 0; }; add rule inet quiet in tcp dport 9 drop",
  );
  const silence = errno(tcp(client.address4, 9));

  await t.test("to the pod's localhost, and to others with the pod's address", async (t) => {
    t.equal(await answer(tcp("127.0.0.1", appPort)), "app to 127.0.0.1");
    t.equal(await answer(tcp("::1", appPort)), "app to ::1");
    t.equal(await answer(tcp(client.address4, serverPort)), `server to ::ffff:${pod.address4}`);
    t.equal(await answer(tcp(client.address6, serverPort)), `server to ${pod.address6}`);
    const heard = Promise.withResolvers<string>();
    const port = outgoing.datagrams({
      onDatagram: (payload) => heard.resolve(payload.toString()),
      onError: (code) => heard.resolve(code),
    });
    port.send(Buffer.from("a question"), { family: 4, address: "127.0.0.1", port: appPort });
    t.equal(await heard.promise, "app got a question");
    port.close();
  });

  await t.test("to the socket files that the app sees, whatever links say, as the app's user", async (t) => {
    for (const path of ["/mnt/run/app.sock", "/mnt/link"])
      t.equal(
        await answer({ protocol: "unix", path, type: "stream" }),
        "app to a neighbour, user 65534, group 65533",
      );
    t.equal(await errno({ protocol: "unix", path: "/mnt/run/none.sock", type: "stream" }), "ENOENT");
  });

  await t.test("to the pod's own port that is stolen: decided like any other, and in no ring", async (t) => {
    await session.subscribe({ port: appPort });
    t.match(
      await answer(tcp("127.0.0.1", appPort), "GET / HTTP/1.1\r\nHost: pod\r\n\r\n"),
      /^app to 127\.0\.0\.1/,
    );
    t.equal(stolen, 1);
  });

  await t.test("with the errors that the pod's kernel finds", async (t) => {
    const { code } = await pod.run(
      "sh",
      "-c",
      `ip route add unreachable 10.98.0.0/16 && ip route add prohibit 10.97.0.0/16 && ip -6 route add unreachable fd98::/16`,
    );
    t.equal(code, 0);
    const found = await Promise.all([
      errno(tcp(client.address4, 1)),
      errno(tcp(client.address6, 1)),
      errno(tcp("10.99.0.1", 80)),
      errno(tcp("10.98.0.1", 80)),
      errno(tcp("fd98::1", 80)),
      errno(tcp("10.97.0.1", 80)),
      silence,
    ]);
    t.same(found, [
      "ECONNREFUSED",
      "ECONNREFUSED",
      "ENETUNREACH",
      "EHOSTUNREACH",
      "EHOSTUNREACH",
      "EACCES",
      "ETIMEDOUT",
    ]);
  });

  await t.test("and end with their session, on both sides", async (t) => {
    const server = await client.spawn([
      process.execPath,
      "-e",
      `const server = require("net").createServer((socket) => socket.resume().on("error", ({ code }) => console.log("lost " + code)));
       server.listen(0, () => console.log("port " + server.address().port));`,
    ]);
    const port = Number((await server.line(/^port (\d+)$/))[1]);
    const connection = await outgoing.connect(tcp(client.address4, port), { signal: never });
    const { program, fd } = await nearEnds.make();
    connection.join(fd);
    const lost = once(program.resume(), "error") as Promise<[NodeJS.ErrnoException]>; // What `error` carries.
    session.destroy();
    t.equal((await lost)[0].code, "ECONNRESET");
    await server.line(/^lost ECONNRESET$/);
    await until(() => agent.openFiles() <= filesBefore + 2, {
      what: "the agent to close what it had opened",
    });
  });
});
