import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import t from "tap";
import { type SocketRow, socketsOf, SocketState } from "../../src/kernel/index.ts";

async function rows<Told>(
  sought: Parameters<typeof socketsOf>[0],
  tell: (row: SocketRow) => Told,
): Promise<Told[]> {
  const told: Told[] = [];
  await socketsOf(sought, (row) => void told.push(tell(row)));
  return told;
}

void t.test("sock_diag(7): both ends of a connection are found by its port, in both families", async (t) => {
  const server = createServer().listen(0, "::");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
  const clients = ["127.0.0.1", "::1"].map((host) => connect({ host, port }));
  await Promise.all(clients.map((client) => once(client, "connect")));
  const ends = ({ local, peer, localKey, peerKey, cookie }: SocketRow) => {
    return { local, peer, localKey, peerKey, cookie };
  };
  const servers = await rows({ port: { local: port }, state: SocketState.established }, ends);
  const ours = await rows({ port: { peer: port }, state: SocketState.established }, ends);
  t.same(
    ours.map(({ local, peer }) => ({ local, peer })),
    clients.map(({ localPort }, index) => {
      const at = index === 0 ? { family: 4, address: "127.0.0.1" } : { family: 6, address: "::1" };
      return { local: { ...at, port: localPort }, peer: { ...at, port } };
    }),
  );
  const byPort = (end: { localKey: number; peerKey: number }) => `${end.localKey} ${end.peerKey}`;
  t.same(
    servers.map(({ localKey, peerKey }) => `${peerKey} ${localKey}`).sort(),
    ours.map(byPort).sort(),
    "one end's key is the other's peer's, mapped into IPv6 or not",
  );
  t.equal(new Set([...servers, ...ours].map(({ cookie }) => cookie)).size, 4, "a cookie is one socket's");
  t.same(await rows({ port: { local: port }, state: SocketState.listening }, ({ localPort }) => localPort), [
    port,
  ]);
  for (const client of clients) client.destroy();
  server.close();
});

void t.test("sockets of any port are found, by the number that /proc/<pid>/fd shows", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // As above.
  const found = await rows({ port: { any: true }, state: SocketState.listening }, ({ localPort, inode }) => {
    return { localPort, inode };
  });
  const inode = found.find(({ localPort }) => localPort === port)?.inode;
  const links = readdirSync("/proc/self/fd").map((fd) => readLink(`/proc/self/fd/${fd}`));
  t.ok(links.includes(`socket:[${inode}]`));
  server.close();
});

/** The folder's own descriptor is closed by the time that it is looked at. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

void t.test("a port without sockets has none", async (t) => {
  t.same(await rows({ port: { local: 1 }, state: SocketState.listening }, ({ local }) => local), []);
});

void t.test("many sockets come in several pieces, each of them once", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // As above.
  const clients = Array.from({ length: 600 }, () => connect({ host: "127.0.0.1", port }));
  await Promise.all(clients.map((client) => once(client, "connect")));
  const found = await rows(
    { port: { peer: port }, state: SocketState.established },
    ({ local }) => local.port,
  );
  t.same(
    found.sort((one, other) => one - other),
    clients.map(({ localPort }) => localPort ?? 0).sort((one, other) => one - other),
  );
  for (const client of clients) client.destroy();
  server.close();
});
