import { statSync } from "node:fs";
import { connect, createServer, Socket } from "node:net";
import { once } from "node:events";
import t from "tap";
import { networkNamespaceId, tcpSocketIn } from "../../src/kernel/index.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { openFiles, Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

void t.test(
  "a socket made in a namespace lives there, whoever uses it; the caller stays where it was",
  async (t) => {
    await using namespaces = await createNamespaces({ label: "kernel" });
    const { pod } = namespaces;
    const path = `/run/netns/${pod.name}`;
    const home = statSync("/proc/thread-self/ns/net").ino;
    const script = `
    const { createServer } = require("node:net");
    const server = createServer((socket) => socket.end(socket.remoteAddress));
    server.listen(0, "10.77.0.1", () => console.log("port", server.address().port));
  `;
    await using server = await pod.spawn([process.execPath, "--eval", script]);
    const [, port = ""] = await server.line(/^port (\d+)$/);
    const before = openFiles(process.pid);
    const fd = tcpSocketIn(path);
    t.equal(openFiles(process.pid), before + 1, "only the socket stays open");
    const socket = new Socket({
      fd,
      readable: true,
      writable: true,
      manualStart: true,
    } as ConstructorParameters<typeof Socket>[0]);
    socket.connect({ host: "10.77.0.1", port: Number(port) });
    const [answer] = (await once(socket, "data")) as [Buffer]; // A socket without encoding gives buffers.
    t.equal(answer.toString(), "10.77.0.1", "dialled from inside");
    socket.destroy();
    t.equal(statSync("/proc/thread-self/ns/net").ino, home);
    const local = createServer((peer) => peer.end());
    local.listen(0, "127.0.0.1");
    await once(local, "listening");
    const address = local.address();
    const own = connect({
      host: "127.0.0.1",
      port: typeof address === "object" && address !== null ? address.port : 0,
    });
    await once(own, "connect");
    own.destroy();
    local.close();
  },
);

void t.test("namespaces(7): two are told apart by their file", async (t) => {
  await using namespaces = await createNamespaces({ label: "kernel-id" });
  const { client, pod } = namespaces;
  const id = (name: string) => networkNamespaceId(`/run/netns/${name}`);
  t.equal(id(pod.name), id(pod.name));
  t.not(id(pod.name), id(client.name));
  t.not(id(pod.name), networkNamespaceId("/proc/self/ns/net"));
  await using inside = await Proc.start({ namespace: pod.name, command: ["sleep", "60"] });
  // nsenter(1) enters before it becomes the program.
  const isInside = () => networkNamespaceId(`/proc/${inside.pid}/ns/net`) === id(pod.name);
  await until(isInside, { what: "the process to be inside" });
});

void t.test("setns(2): what is no network namespace is refused, and nothing is left open", async (t) => {
  const before = openFiles(process.pid);
  t.throws(() => tcpSocketIn("/proc/self/ns/uts"), { name: "KernelError", code: "EINVAL", syscall: "setns" });
  t.throws(() => tcpSocketIn("/proc/self/ns/missing"), { code: "ENOENT" });
  t.equal(openFiles(process.pid), before);
});
