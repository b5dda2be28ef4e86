import t from "tap";
import { until } from "../../../fixtures/until.ts";
import { SettingId } from "../../../../src/http/index.ts";
import { FakeAgent, http2Head } from "../fake-agent.ts";
import { FramePeer } from "../frame-peer.ts";
import { LocalApp } from "../local-app.ts";
import { LocalHttp2App } from "../local-http2-app.ts";

void t.test("a program that does not read stops its caller, and nobody else", async (t) => {
  await using app = await LocalHttp2App.start({ reads: false });
  await using agent = new FakeAgent({ port: app.port });
  const stuck = agent.steal(http2Head({ method: "POST", path: "/stuck" }), { kind: "http2", connection: 1 });
  await app.next();
  const piece = Buffer.alloc(16_384);
  let written = 0;
  while (stuck.stream?.write(piece) === true) written += piece.length;
  // Whatever the tunnel's window, the program's own and a queue let through, and no more.
  await until(() => stuck.stream?.writableBytes === 0, { what: "the end of the credit" });
  t.ok(written < 8 * 1024 * 1024, `${written} bytes were taken`);
  const other = agent.request2({ path: "/other", connection: 1 });
  const second = await app.next();
  second.stream.respond({ ":status": 204 }, { endStream: true });
  await other.over();
  t.equal(other.events.at(-1), "end");
});

void t.test(
  "a caller that does not read stops the program at its stream's window, and no other stream",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const slow = agent.steal(http2Head(), { kind: "http2", endsWithHead: true, connection: 1 });
    slow.reads = false;
    const local = await FramePeer.accept(app, [{ id: SettingId.maxConcurrentStreams, value: 100 }]);
    await local.frame("headers 1");
    local.head(1, [[":status", "200"]]);
    const windows = local.windows;
    let sent = 0;
    const piece = Buffer.alloc(16_384);
    const sendAll = (): void => {
      while (windows.of(1) >= piece.length && sent < 100e6) {
        windows.take(1, piece.length);
        local.data(1, piece);
        sent += piece.length;
      }
    };
    sendAll();
    windows.onGrant = sendAll;
    await until(() => slow.dataBytes > 0, { what: "its first bytes" });
    const quick = agent.request2({ connection: 1 });
    await local.frame("headers 3");
    local.head(3, [[":status", "204"]], { endStream: true });
    await quick.over();
    t.ok(sent <= 1024 * 1024, `${sent} bytes were let through`);
    const before = sent;
    slow.reads = true;
    slow.read();
    await until(() => sent > before + 1024 * 1024, { what: "more, once it reads" });
    windows.onGrant = () => undefined;
  },
);

void t.test(
  "what was sent for cancelled callers is not missing from the connection's window for ever",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const streams = 20;
    const first = agent.steal(http2Head(), { kind: "http2", endsWithHead: true, connection: 1 });
    const local = await FramePeer.accept(app);
    await local.frame("headers 1");
    const whole = local.windows.of(0);
    const piece = Buffer.alloc(16_384);
    for (let index = 0; index < streams; index++) {
      const id = 1 + 2 * index;
      const slow =
        index === 0 ? first : agent.steal(http2Head(), { kind: "http2", endsWithHead: true, connection: 1 });
      slow.reads = false;
      await local.frame(`headers ${id} `);
      local.head(id, [[":status", "200"]]);
      while (local.windows.of(id) >= piece.length) {
        local.windows.take(id, piece.length);
        local.data(id, piece);
      }
      await until(() => slow.dataBytes > 0, { what: "its first bytes" });
      slow.stream?.reset("http2-cancel");
      await local.frame(`rst ${id} `);
    }
    await until(() => local.windows.of(0) > whole - 4 * 1024 * 1024, { what: "the connection's window" });
    t.equal(agent.incoming.count, 0);
  },
);

void t.test("a place that a cancelled call leaves is taken behind its reset, never before it", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const call = () => agent.steal(http2Head(), { kind: "http2", endsWithHead: true, connection: 1 });
  const first = call();
  call();
  // RFC 9113 §5.1.2: one stream more than it takes may end its connection.
  const local = await FramePeer.accept(app, [{ id: SettingId.maxConcurrentStreams, value: 1 }]);
  await local.frame("headers 1");
  first.stream?.reset("http2-cancel");
  await local.frame("headers 3");
  t.same(
    local.frames.map((frame) => frame.split(" ", 2).join(" ")),
    ["headers 1", "rst 1", "headers 3"],
  );
});
