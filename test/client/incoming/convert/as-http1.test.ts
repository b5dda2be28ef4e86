import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t from "tap";
import { WebSocketServer } from "ws";
import { encodePlain } from "../../../../src/http/index.ts";
import { FakeAgent } from "../fake-agent.ts";
import { LocalApp } from "../local-app.ts";

const http1 = { protocol: "http1" } as const;
/** A text frame of a client, masked with zeros, and the same of a server (RFC 6455 §5.2). */
const masked = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
const unmasked = (text: string): string =>
  Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]).toString("latin1");

void t.test("heads, 1xx, chunks and trailers say the same in the other version", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const exchange = agent.request2({
    method: "POST",
    path: "/p?q=1",
    fields: [
      ["te", "trailers"],
      ["cookie", "a=1"],
      ["x-a", "1"],
      ["cookie", "b=2"],
    ],
    content: ["abcd"],
    trailers: [["x-end", "1"]],
  });
  const peer = await app.next();
  await peer.got("x-end: 1\r\n\r\n");
  t.equal(
    peer.text,
    "POST /p?q=1 HTTP/1.1\r\nhost: shop.example\r\nte: trailers\r\ncookie: a=1; b=2\r\nx-a: 1\r\n" +
      "transfer-encoding: chunked\r\nconnection: te\r\n\r\n4\r\nabcd\r\n0\r\nx-end: 1\r\n\r\n",
  );
  t.equal(peer.ended, "open", "END_STREAM is no FIN");
  peer.socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  peer.socket.write(
    "HTTP/1.1 200 Fine\r\nX-R: 1\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nhello\r\n0\r\nGrpc-Status: 0\r\n\r\n",
  );
  await exchange.over();
  t.same(exchange.events, [
    "accepted",
    "informational :status: 103|link: </a>",
    "response :status: 200|x-r: 1",
    "data",
    "trailers grpc-status: 0",
    "end",
  ]);
  t.equal(exchange.text, "hello");
});

void t.test("streams after each other use one connection, streams at once their own", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  const first = agent.request2({ connection: 5 });
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  const second = agent.request2({ connection: 5 });
  const other = await app.next();
  await other.got("\r\n\r\n");
  peer.socket.write(answer);
  await first.over();
  const third = agent.request2({ connection: 5, path: "/third" });
  await peer.got("GET /third HTTP/1.1");
  other.socket.write(answer);
  peer.socket.write(answer);
  await Promise.all([second.over(), third.over()]);
  t.equal(app.peers.length, 2);
});

void t.test("an answer that is cut is never whole", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const exchange = agent.request2();
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  peer.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset local-closed/);
});

void t.test("less content than announced is a broken request for the program too", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const exchange = agent.request2({
    method: "POST",
    fields: [["content-length", "9"]],
    content: ["short"],
  });
  const peer = await app.next();
  await peer.until(({ ended }) => ended === "reset");
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset protocol-error/);
});

async function echoSockets(t: { teardown(act: () => void): void }): Promise<number> {
  const server = createServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server, handleProtocols: () => "chat" });
  sockets.on("connection", (socket, request: IncomingMessage) => {
    socket.send(request.url ?? "");
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // A TCP server's address is no string.
}

const webSocketHead = encodePlain([
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "http"],
  [":path", "/chat"],
  [":authority", "a"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-protocol", "chat"],
]);

void t.test("an extended CONNECT becomes a WebSocket, whose 101 becomes 200", async (t) => {
  const port = await echoSockets(t);
  await using agent = new FakeAgent({ port, speech: http1 });
  const exchange = agent.steal(webSocketHead, { kind: "http2" });
  exchange.stream?.write(masked("early"));
  await exchange.until(({ text }) => text.includes("early"));
  t.same(exchange.events.slice(0, 2), ["accepted", "response :status: 200|sec-websocket-protocol: chat"]);
  exchange.stream?.write(masked("later"));
  await exchange.until(({ text }) => text.includes("later"));
  t.equal(exchange.text, unmasked("/chat") + unmasked("early") + unmasked("later"));
  // A close frame: the program answers it and ends.
  exchange.stream?.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
  await exchange.over();
  t.equal(exchange.events.at(-1), "end");
});

for (const [what, answer] of [
  [
    "without the proof of its key",
    "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
  ],
  ["that is a plain 200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
] as const) {
  void t.test(`an answer ${what} is no WebSocket`, async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port, speech: http1 });
    const exchange = agent.steal(webSocketHead, { kind: "http2" });
    const peer = await app.next();
    await peer.got("\r\n\r\n");
    peer.socket.write(answer);
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset protocol-error/);
  });
}

void t.test("a refused WebSocket is the program's own answer", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const exchange = agent.steal(webSocketHead, { kind: "http2" });
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  t.match(
    peer.text,
    /^GET \/chat HTTP\/1\.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: /,
  );
  peer.socket.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
  await exchange.over();
  t.same(exchange.events, ["accepted", "response :status: 403|content-length: 2", "data", "end"]);
});

void t.test("a plain CONNECT carries bytes both ways, each half closing for itself", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const head = encodePlain([
    [":method", "CONNECT"],
    [":authority", "db.example:5432"],
  ]);
  const exchange = agent.steal(head, { kind: "http2" });
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  t.equal(peer.text, "CONNECT db.example:5432 HTTP/1.1\r\nhost: db.example:5432\r\n\r\n");
  peer.socket.write("HTTP/1.1 200 OK\r\n\r\nhello");
  exchange.stream?.write(Buffer.from("question"));
  exchange.stream?.end();
  await peer.until(({ ended, text }) => ended === "fin" && text.endsWith("question"));
  peer.socket.end("bye");
  await exchange.over();
  t.equal(exchange.text, "hellobye");
});
