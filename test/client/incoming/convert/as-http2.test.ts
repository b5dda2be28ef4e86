import t from "tap";
import { FakeAgent } from "../fake-agent.ts";
import { FramePeer } from "../frame-peer.ts";
import { LocalApp } from "../local-app.ts";
import { LocalHttp2App } from "../local-http2-app.ts";

const http2 = { protocol: "http2" } as const;

void t.test("chunks, trailers and 1xx say the same in the other version", async (t) => {
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

void t.test("who takes no trailers gets none, and who knows no chunks none of those", async (t) => {
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
});

const upgradeHead =
  "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

void t.test("a WebSocket becomes an extended CONNECT, with bytes both ways", async (t) => {
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
});

void t.test("an upgrade that the program cannot have is not asked for", async (t) => {
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
