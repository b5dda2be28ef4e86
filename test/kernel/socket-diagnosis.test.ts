import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { openSocketDiagnosis, SocketDiagnosis } from "../../src/kernel/index.ts";

async function bound(type: "udp4" | "udp6", address: string): Promise<Socket> {
  const socket = createSocket(type);
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

void t.test("sock_diag(7): a UDP socket is connected to its peer, and to nobody else", async (t) => {
  using diagnosis = new SocketDiagnosis(openSocketDiagnosis());
  for (const [type, address, family] of [
    ["udp4", "127.0.0.1", 4],
    ["udp6", "::1", 6],
  ] as const) {
    const [connected, free] = [await bound(type, address), await bound(type, address)];
    connected.connect(free.address().port, address);
    await once(connected, "connect");
    const local = { family, address, port: connected.address().port };
    const peer = { family, address, port: free.address().port };
    t.equal(diagnosis.isConnected({ local, peer }), true);
    t.equal(diagnosis.isConnected({ local, peer: { ...peer, port: 9 } }), false, "another peer");
    t.equal(diagnosis.isConnected({ local: peer, peer: local }), false, "the other end is not");
    const ports = diagnosis.datagramPorts();
    t.ok(ports.has(local.port) && ports.has(peer.port));
    connected.close();
    await once(connected, "close");
    t.equal(diagnosis.isConnected({ local, peer }), false, "it is gone");
    t.notOk(diagnosis.datagramPorts().has(local.port));
    free.close();
  }
});

void t.test("sock_diag(7): listeners tell their address, and whether they take IPv4 too", async (t) => {
  using diagnosis = new SocketDiagnosis(openSocketDiagnosis());
  const servers = [
    createServer().listen({ port: 0, host: "127.0.0.1" }),
    createServer().listen({ port: 0, host: "::", ipv6Only: true }),
    createServer().listen({ port: 0, host: "::" }),
  ];
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port); // A TCP server's address is no string.
  const found = new Map<number, { address: string; isOnlyIPv6: boolean | undefined }>();
  diagnosis.listeners((row) => {
    found.set(row.localPort, { address: row.local.address, isOnlyIPv6: row.isOnlyIPv6 });
  });
  t.same(
    ports.map((port) => found.get(port)),
    [
      { address: "127.0.0.1", isOnlyIPv6: undefined },
      { address: "::", isOnlyIPv6: true },
      { address: "::", isOnlyIPv6: false },
    ],
  );
  for (const server of servers) server.close();
});
