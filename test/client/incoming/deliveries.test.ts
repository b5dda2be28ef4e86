import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t from "tap";
import { until } from "../../fixtures/until.ts";
import { FakeAgent } from "./fake-agent.ts";
import { FramePeer } from "./frame-peer.ts";
import { freePort, LocalApp, type LocalPeer } from "./local-app.ts";
import { LocalHttp2App } from "./local-http2-app.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const get = "GET /one HTTP/1.1\r\nHost: a\r\n\r\n";
const empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

for (const [how, answer] of [
  ["answers 400", (peer: LocalPeer) => peer.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["closes", (peer: LocalPeer) => peer.socket.end()],
  ["breaks off", (peer: LocalPeer) => peer.socket.resetAndDestroy()],
  ["answers garbage", (peer: LocalPeer) => peer.socket.write(Buffer.from([0, 0, 9, 9, 9]))],
] as const) {
  void t.test(`a program that ${how} before its SETTINGS gets the request in HTTP/1.1`, async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request2({ method: "POST", content: ["body"], connection: 1 });
    const probe = await app.next();
    await probe.got("SM\r\n\r\n");
    t.ok(probe.text.startsWith(preface));
    t.notMatch(probe.text, "shop.example", "nothing of the request was delivered");
    answer(probe);
    const peer = await app.next();
    await peer.got("0\r\n\r\n");
    t.equal(
      peer.text,
      "POST / HTTP/1.1\r\nhost: shop.example\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    );
    peer.socket.write(empty);
    await exchange.over();
    t.equal(exchange.events.at(-1), "end");
    // It is known now: nobody is asked again.
    agent.request2({ connection: 2 });
    const next = await app.next();
    await next.got("\r\n\r\n");
    t.match(next.text, /^GET \/ HTTP\/1\.1\r\n/);
  });
}

void t.test("requests that come while the program is asked wait for that one answer", async (t) => {
  const seen: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    seen.push(request.url ?? "");
    response.end("x");
  });
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  await using agent = new FakeAgent({ port: (server.address() as AddressInfo).port }); // A TCP server's address.
  const exchanges = Array.from({ length: 20 }, (_, index) =>
    agent.request2({ path: `/${index}`, connection: index }),
  );
  await Promise.all(exchanges.map((exchange) => exchange.over()));
  t.equal(seen.length, 20);
  t.equal(connections, 21);
  t.ok(exchanges.every(({ text }) => text === "x"));
});

void t.test(
  "a program that says nothing is waited for, and the user is told once how to say it",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchanges = [1, 2].map((connection) => agent.request2({ connection }));
    await until(() => agent.silences.length > 0, { what: "the notice" });
    t.same(agent.silences, [{ address: "127.0.0.1", port: app.port }]);
    t.same(
      exchanges.map(({ events }) => events),
      [[], []],
    );
    t.equal(app.peers.length, 1);
    const local = await FramePeer.accept(app);
    await local.frame("headers 1");
    local.head(1, [[":status", "204"]], { endStream: true });
    await exchanges[0]?.over();
    const second = await FramePeer.accept(app);
    await second.frame("headers 1");
  },
);

void t.test("others go on when the one who asked gives up", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const first = agent.request2({ connection: 1 });
  const second = agent.request2({ connection: 2 });
  await app.next();
  first.stream?.reset("http2-cancel");
  const local = await FramePeer.accept(app);
  await local.frame("headers 1");
  local.head(1, [[":status", "204"]], { endStream: true });
  await second.over();
  t.equal(second.events.at(-1), "end");
});

void t.test("a program that answers HTTP/1.1 with SETTINGS gets the same request in HTTP/2", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head =
    "POST /p?q HTTP/1.1\r\nHost: a.b\r\nX-A: 1\r\nConnection: keep-alive\r\nContent-Length: 8\r\n\r\n";
  const exchange = agent.steal(head);
  exchange.stream?.write(Buffer.from("half"));
  const first = await app.next();
  await first.got("half");
  // As grpc-go does: SETTINGS, then it sees what came and goes.
  first.socket.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  const local = await FramePeer.accept(app);
  exchange.stream?.write(Buffer.from("more"));
  t.equal(await local.frame("headers 1"), "headers 1 POST http a.b /p?q x-a: 1 content-length: 8");
  await local.frame("data 1 0 end");
  t.same(local.frames.slice(1), ["data 1 4", "data 1 4", "data 1 0 end"]);
  local.head(1, [
    [":status", "200"],
    ["x-r", "1"],
  ]);
  local.data(1, "done", { endStream: true });
  await exchange.over();
  t.same(exchange.events, [
    "accepted",
    "response HTTP/1.1 200 OK\r\nx-r: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "data",
    "end",
  ]);
  t.equal(exchange.text, "done");
  // It is known now.
  agent.request(get);
  const next = await FramePeer.accept(app);
  t.equal(await next.frame("headers 1"), "headers 1 GET http a /one end");
});

void t.test(
  "a body that is not kept any more cannot be sent in HTTP/2, and the caller is told",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.steal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    exchange.stream?.write(Buffer.alloc(70_000));
    const peer = await app.next();
    await peer.until(({ bytes }) => bytes > 70_000);
    peer.socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset protocol-error: the program speaks HTTP\/2 only/);
  },
);

void t.test("what a program speaks is forgotten when a dial is refused", async (t) => {
  const port = await freePort();
  await using agent = new FakeAgent({ port });
  const server = createServer((_, response) => response.end("one"));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.equal((await agent.request2({ connection: 1 }).over()).text, "one");
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  const refused = await agent.request2({ connection: 2 }).over();
  t.match(refused.events.at(-1), /^reset local-refused/);
  await using app = await LocalHttp2App.start({
    port,
    answer: ({ stream }) => stream.respond({ ":status": 204 }, { endStream: true }),
  });
  t.equal((await agent.request2({ connection: 3 }).over()).events.at(-1), "end");
  t.equal(app.sessions.length, 1, "it was not tried in HTTP/1.1");
});

void t.test("what the user says is not asked for", async (t) => {
  await using app = await LocalApp.start();
  await using said1 = new FakeAgent({ port: app.port, speech: { protocol: "http1" } });
  said1.request2();
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  t.match(peer.text, /^GET \/ HTTP\/1\.1\r\n/);
  await using said2 = new FakeAgent({ port: app.port, speech: { protocol: "http2" } });
  said2.request(get);
  const local = await FramePeer.accept(app);
  t.equal(await local.frame("headers 1"), "headers 1 GET http a /one end");
  const wrong = said2.request2();
  const stranger = await app.next();
  await stranger.got("SM\r\n\r\n");
  stranger.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  await wrong.over();
  t.match(wrong.events.at(-1), /^reset local-refused: the program does not speak HTTP\/2/);
});
