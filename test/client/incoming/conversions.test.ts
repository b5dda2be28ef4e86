import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t from "tap";
import { WebSocketServer } from "ws";
import { encodePlain } from "../../../src/http/index.ts";
import { acceptOfWebSocketKey } from "../../../src/client/incoming/convert/websocket-key.ts";
import { FakeAgent } from "./fake-agent.ts";
import { FramePeer } from "./frame-peer.ts";
import { LocalApp } from "./local-app.ts";
import { LocalHttp2App } from "./local-http2-app.ts";

const http1 = { protocol: "http1" } as const;
const http2 = { protocol: "http2" } as const;
/** A text frame of a client, masked with zeros, and the same of a server (RFC 6455 §5.2). */
const masked = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
const unmasked = (text: string): string =>
  Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]).toString("latin1");

void t.test(
  "HTTP/2 to HTTP/1.1: heads, 1xx, chunks and trailers say the same in the other version",
  async (t) => {
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
  },
);

void t.test(
  "HTTP/2 to HTTP/1.1: streams after each other use one connection, streams at once their own",
  async (t) => {
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
  },
);

void t.test("HTTP/2 to HTTP/1.1: an answer that is cut is never whole", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http1 });
  const exchange = agent.request2();
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  peer.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset local-closed/);
});

void t.test(
  "HTTP/2 to HTTP/1.1: less content than announced is a broken request for the program too",
  async (t) => {
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
  },
);

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

void t.test(
  "HTTP/2 to HTTP/1.1: an extended CONNECT becomes a WebSocket, whose 101 becomes 200",
  async (t) => {
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
  },
);

for (const [what, answer] of [
  [
    "without the proof of its key",
    "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
  ],
  ["that is a plain 200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
] as const) {
  void t.test(`HTTP/2 to HTTP/1.1: an answer ${what} is no WebSocket`, async (t) => {
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

void t.test("HTTP/2 to HTTP/1.1: a refused WebSocket is the program's own answer", async (t) => {
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

void t.test(
  "HTTP/2 to HTTP/1.1: a plain CONNECT carries bytes both ways, each half closing for itself",
  async (t) => {
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
  },
);

void t.test("HTTP/1.1 to HTTP/2: chunks, trailers and 1xx say the same in the other version", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http2 });
  const exchange = agent.steal(
    "POST http://a.b?x HTTP/1.1\r\nHost: other\r\nTE: trailers, deflate\r\nConnection: TE, X-Hop\r\nX-Hop: 1\r\n" +
      "Cookie: a=1; b=2\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  exchange.stream?.write(Buffer.from("body"));
  exchange.trailers("X-End: 1\r\n");
  const local = await FramePeer.accept(app);
  await local.frame("headers 1 x-end");
  t.same(local.frames, [
    "headers 1 POST http a.b /?x cookie: a=1; b=2 te: trailers",
    "data 1 4",
    "headers 1 x-end: 1 end",
  ]);
  local.head(1, [
    [":status", "103"],
    ["link", "</a>"],
  ]);
  local.head(1, [
    [":status", "200"],
    ["x-r", "1"],
  ]);
  local.data(1, "hello");
  local.head(1, [["grpc-status", "0"]], { endStream: true });
  await exchange.over();
  t.same(exchange.events, [
    "accepted",
    "informational HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    "response HTTP/1.1 200 OK\r\nx-r: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "data",
    "trailers grpc-status: 0\r\n",
    "end",
  ]);
});

void t.test(
  "HTTP/1.1 to HTTP/2: who takes no trailers gets none, and who knows no chunks none of those",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port, speech: http2 });
    const exchange = agent.request("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    const local = await FramePeer.accept(app);
    t.equal(await local.frame("headers 1"), "headers 1 GET http a / end");
    local.head(1, [[":status", "103"]]);
    local.head(1, [[":status", "200"]]);
    local.data(1, "hello");
    local.head(1, [["x-end", "1"]], { endStream: true });
    await exchange.over();
    t.same(
      exchange.events.filter((event) => event !== "accepted"),
      ["response HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", "data", "end"],
    );
  },
);

const upgradeHead =
  "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

void t.test(
  "HTTP/1.1 to HTTP/2: a WebSocket becomes an extended CONNECT, with bytes both ways",
  async (t) => {
    await using app = await LocalHttp2App.start();
    await using agent = new FakeAgent({ port: app.port, speech: http2 });
    const exchange = agent.steal(upgradeHead);
    exchange.stream?.write(Buffer.from("early"));
    const request = await app.next();
    t.same(request.rawHeaders, [
      ...[
        ":method",
        "CONNECT",
        ":protocol",
        "websocket",
        ":scheme",
        "http",
        ":authority",
        "a",
        ":path",
        "/chat",
      ],
      ...["sec-websocket-version", "13"],
    ]);
    request.stream.respond({ ":status": 200 }, { sendDate: false } as object);
    request.stream.write("hello");
    await exchange.until(({ text }) => text === "hello");
    t.match(
      exchange.events[1],
      /^response HTTP\/1\.1 101 Switching Protocols\r\n(date: .*\r\n)?connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n\r\n$/,
    );
    await request.until(({ content }) => content.toString() === "early");
    exchange.stream?.end();
    await request.until(({ isEnded }) => isEnded);
    request.stream.end("bye");
    await exchange.over();
    t.equal(exchange.text, "hellobye");
  },
);

void t.test("HTTP/1.1 to HTTP/2: an upgrade that the program cannot have is not asked for", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: http2 });
  const exchange = agent.steal(upgradeHead);
  const local = await FramePeer.accept(app);
  t.match(await local.frame("headers 1"), /^headers 1 GET http a \/chat .* end$/);
  local.head(
    1,
    [
      [":status", "426"],
      ["content-length", "0"],
    ],
    { endStream: true },
  );
  await exchange.over();
  t.same(exchange.events.slice(1), [
    "response HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n",
    "end",
  ]);
});

void t.test("RFC 6455 §1.3: the proof of the sample key", (t) => {
  t.equal(acceptOfWebSocketKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  t.end();
});
