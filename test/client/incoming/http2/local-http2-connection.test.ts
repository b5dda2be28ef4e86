import { once } from "node:events";
import t from "tap";
import {
  encodePlain,
  goawayFrame,
  RfcErrorCode,
  rstStreamFrame,
  SettingId,
  settingsFrame,
  windowUpdateFrame,
} from "../../../../src/http/index.ts";
import { FakeAgent, http2Head } from "../fake-agent.ts";
import { FramePeer } from "../frame-peer.ts";
import { freePort, LocalApp } from "../local-app.ts";

const ok = [[":status", "200"]] as const;

for (const [code, name] of [
  [RfcErrorCode.noError, "http2-no-error"],
  [RfcErrorCode.internalError, "http2-internal-error"],
  [RfcErrorCode.cancel, "http2-cancel"],
  [RfcErrorCode.enhanceYourCalm, "http2-enhance-your-calm"],
  [RfcErrorCode.http11Required, "http2-http11-required"],
] as const) {
  void t.test(`an answer that the program cuts is reset with its own ${name}`, async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request2();
    const local = await FramePeer.accept(app);
    await local.frame("headers 1");
    local.head(1, ok);
    local.data(1, "part");
    await exchange.until(({ dataBytes }) => dataBytes === 4);
    local.write(rstStreamFrame(1, code));
    await exchange.over();
    t.same(
      exchange.events.filter((event) => event !== "accepted"),
      ["response :status: 200", "data", `reset ${name}: `],
    );
  });
}

void t.test("RFC 9113 §8.1: NO_ERROR behind a whole answer only stops the request", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal(http2Head({ method: "POST" }), { kind: "http2" });
  exchange.stream?.write(Buffer.from("part"));
  const local = await FramePeer.accept(app);
  await local.frame("data 1");
  local.head(1, [[":status", "413"]], { endStream: true });
  local.write(rstStreamFrame(1, RfcErrorCode.noError));
  await exchange.over();
  exchange.stream?.write(Buffer.from("more"));
  exchange.stream?.end();
  t.same(exchange.events, ["accepted", "response :status: 413", "end"]);
  await agent.incoming.settled({ signal: AbortSignal.timeout(5_000) });
});

for (const how of ["fin", "reset"] as const) {
  void t.test(`an answer is not whole because its connection ended with ${how}`, async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request2();
    const local = await FramePeer.accept(app);
    await local.frame("headers 1");
    local.head(1, ok);
    local.data(1, "part");
    await exchange.until(({ dataBytes }) => dataBytes === 4);
    if (how === "fin") local.peer.socket.end();
    else local.peer.socket.resetAndDestroy();
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset local-closed/);
  });
}

void t.test(
  "RFC 9113 §8.1.1: content that does not add up to its content-length is no whole answer",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request2();
    const local = await FramePeer.accept(app);
    await local.frame("headers 1");
    local.head(1, [...ok, ["content-length", "5"]]);
    local.data(1, "part", { endStream: true });
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset protocol-error: the program sent less content/);
  },
);

void t.test("a malformed head ends its stream only, with PROTOCOL_ERROR", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const bad = agent.request2({ connection: 1 });
  const local = await FramePeer.accept(app);
  await local.frame("headers 1");
  const good = agent.request2({ connection: 1 });
  await local.frame("headers 3");
  local.head(1, [...ok, ["connection", "close"]]);
  await bad.over();
  t.match(bad.events.at(-1), /^reset protocol-error: the program sent a malformed head/);
  t.equal(await local.frame("rst 1"), "rst 1 1");
  local.head(3, ok, { endStream: true });
  await good.over();
  t.equal(good.events.at(-1), "end");
});

void t.test("a stream that GOAWAY leaves out goes to a fresh connection, once, with its body", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request2({ method: "POST", content: ["body"], trailers: [["x-end", "1"]] });
  const first = await FramePeer.accept(app);
  await first.frame("headers 1");
  first.write(goawayFrame({ lastStreamId: 0, code: RfcErrorCode.noError }));
  const second = await FramePeer.accept(app);
  t.equal(await second.frame("headers 1"), "headers 1 POST http shop.example /");
  t.equal(await second.frame("data 1"), "data 1 4");
  t.equal(await second.frame("headers 1 x-end"), "headers 1 x-end: 1 end");
  second.write(goawayFrame({ lastStreamId: 0, code: RfcErrorCode.noError }));
  await exchange.over();
  t.same(exchange.events, ["accepted", "reset http2-refused-stream: the program refused the stream"]);
  t.equal(app.peers.length, 2);
});

void t.test("streams that GOAWAY counts as begun go on to their end", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request2({ connection: 1 });
  const local = await FramePeer.accept(app);
  const closed = once(local.peer.socket, "end");
  await local.frame("headers 1");
  local.write(goawayFrame({ lastStreamId: 1, code: RfcErrorCode.noError }));
  const next = agent.request2({ connection: 1 });
  const fresh = await FramePeer.accept(app);
  await fresh.frame("headers 1");
  fresh.head(1, ok, { endStream: true });
  local.head(1, ok);
  local.data(1, "late", { endStream: true });
  await Promise.all([exchange.over(), next.over()]);
  t.equal(exchange.text, "late");
  t.equal(exchange.events.at(-1), "end");
  await closed;
});

void t.test("what is too much to be kept is not sent again, and the refusal is the caller's", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request2({ method: "POST", content: [Buffer.alloc(65_537)] });
  const local = await FramePeer.accept(app, [{ id: SettingId.initialWindowSize, value: 1_000_000 }]);
  local.write(windowUpdateFrame(0, 65_537));
  await local.peer.until(() => local.dataBytes === 65_537);
  local.write(rstStreamFrame(1, RfcErrorCode.refusedStream));
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset http2-refused-stream/);
  t.equal(app.peers.length, 1);
});

void t.test("who is cancelled while the program refuses it is not delivered again", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request2();
  const local = await FramePeer.accept(app);
  await local.frame("headers 1");
  exchange.stream?.reset("http2-cancel");
  t.equal(await local.frame("rst 1"), "rst 1 8");
  local.write(rstStreamFrame(1, RfcErrorCode.refusedStream));
  await agent.incoming.settled({ signal: AbortSignal.timeout(5_000) });
  t.equal(app.peers.length, 1);
});

void t.test("nothing is sent beyond the program's windows", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request2({ method: "POST", content: ["0123456789"] });
  const local = await FramePeer.accept(app, [{ id: SettingId.initialWindowSize, value: 4 }]);
  await local.frame("data 1 4");
  local.write(windowUpdateFrame(1, 3));
  await local.frame("data 1 3");
  local.write(settingsFrame([{ id: SettingId.initialWindowSize, value: 100 }]));
  await local.frame("data 1 3 end");
  t.same(local.frames.slice(1), ["data 1 4", "data 1 3", "data 1 3 end"]);
  local.head(1, ok, { endStream: true });
  await exchange.over();
});

void t.test("an extended CONNECT goes only to a program that takes it", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head = encodePlain([
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "http"],
    [":path", "/chat"],
    [":authority", "a"],
  ]);
  const refused = agent.steal(head, { kind: "http2" });
  const first = await FramePeer.accept(app);
  await refused.over();
  t.match(refused.events.at(-1), /^reset refused: the program takes no extended CONNECT/);
  t.same(first.frames, []);
  const taken = agent.steal(head, { kind: "http2" });
  const second = await FramePeer.accept(app, [{ id: SettingId.enableConnectProtocol, value: 1 }]);
  t.equal(await second.frame("headers 1"), "headers 1 CONNECT websocket http /chat a");
  second.head(1, ok);
  await taken.until(({ events }) => events.includes("response :status: 200"));
  taken.stream?.write(Buffer.from("ping"));
  t.equal(await second.frame("data 1"), "data 1 4");
  second.data(1, "pong", { endStream: true });
  await taken.until(({ events }) => events.includes("end"));
  taken.stream?.end();
  t.equal(await second.frame("data 1 0"), "data 1 0 end");
});

void t.test("nobody there is local-refused, and nothing was accepted", async (t) => {
  await using agent = new FakeAgent({ port: await freePort() });
  const exchange = agent.request2();
  await exchange.over();
  t.equal(exchange.events.length, 1);
  t.match(exchange.events[0], /^reset local-refused/);
});
