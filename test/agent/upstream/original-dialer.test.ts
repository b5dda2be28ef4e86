import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import t from "tap";
import { newReadBuffer, type Peer, type PeerOwner } from "../../../src/socket/index.ts";
import { type DialWay, OriginalDialer } from "../../../src/agent/upstream/index.ts";
import type { Endpoint } from "../../../src/kernel/index.ts";

const nobody: PeerOwner = {
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onConnected: () => undefined,
  onClosed: () => undefined,
};
const stranger: Endpoint = { family: 4, address: "127.9.9.9", port: 4_000 };

async function serve(host: string): Promise<{ server: Server; port: number; seen: Promise<string> }> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const seen = once(server, "connection").then(([socket]) => {
    socket.on("error", () => undefined);
    server.close();
    return String(socket.remoteAddress);
  });
  return { server, port: (server.address() as AddressInfo).port, seen }; // A TCP server's address is no string.
}

/** Dials, and tells how it came about; the connection is ended at once. */
async function dial(route: { from: Endpoint; to: Endpoint; keepsClientAddress?: boolean }) {
  const worse: DialWay[] = [];
  const dialer = new OriginalDialer({
    readBuffer: newReadBuffer(),
    mark: 0x6d7,
    keepsClientAddress: route.keepsClientAddress ?? true,
    onWorseWay: (way) => worse.push(way),
  });
  const { promise, resolve } = Promise.withResolvers<{ way?: DialWay; error?: Error }>();
  let hasReturned = false;
  dialer.dial({
    from: route.from,
    to: route.to,
    owner: nobody,
    onOpen: (peer: Peer, way) => {
      peer.destroy();
      resolve({ way });
    },
    onFailed: (error) => resolve({ error }),
  });
  hasReturned = true;
  const outcome = await promise;
  return { ...outcome, worse, hasReturned };
}

void t.test("the app sees the address of its caller, also of one in the pod", async (t) => {
  const { port, seen } = await serve("127.0.0.1");
  const dialled = await dial({ from: stranger, to: { family: 4, address: "127.0.0.1", port } });
  t.same(dialled, { way: "client-address", worse: [], hasReturned: true });
  t.equal(await seen, stranger.address);
});

void t.test("without a way back the client's address is not tried", async (t) => {
  const { port } = await serve("127.0.0.1");
  const from: Endpoint = { family: 4, address: "203.0.113.7", port: 4_000 };
  const to: Endpoint = { family: 4, address: "127.0.0.1", port };
  t.match(await dial({ from, to, keepsClientAddress: false }), { way: "own-address", worse: [] });
});

void t.test("a caller with the app's own address is no other case", async (t) => {
  const { port } = await serve("127.0.0.1");
  const to: Endpoint = { family: 4, address: "127.0.0.1", port };
  t.match(await dial({ from: { ...to, port: 1 }, to }), { way: "client-address", worse: [] });
});

void t.test("an app that refuses is a failure with its code, never before dial has returned", async (t) => {
  const { server, port } = await serve("127.0.0.1");
  server.close();
  await once(server, "close");
  const { error, hasReturned } = await dial({
    from: stranger,
    to: { family: 4, address: "127.0.0.1", port },
  });
  t.match(error, { code: "ECONNREFUSED" });
  t.equal(hasReturned, true);
});

void t.test("RFC 4291 §2.5.3: the same over IPv6", async (t) => {
  const { port, seen } = await serve("::1");
  const from: Endpoint = { family: 6, address: "::1", port: 4_000 };
  t.match(await dial({ from, to: { family: 6, address: "::1", port } }), { way: "client-address" });
  t.equal(await seen, "::1");
});
