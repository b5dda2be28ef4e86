import { constants } from "node:http2";
import t from "tap";
import {
  CLIENT_PREFACE,
  FLOOD_RATES,
  FrameFlag,
  FrameType,
  rstStreamFrame,
  settingsFrame,
  windowUpdateFrame,
} from "../../../../src/http/index.ts";
import { serveFrames } from "../../../fixtures/frame-app.ts";
import {
  blockFrame,
  endlessBlock,
  hpackBomb,
  rawFrame,
  requestBlock,
  requestFrame,
} from "../../../fixtures/raw-frames.ts";
import { until } from "../../../fixtures/until.ts";
import { InboundStage } from "../inbound-stage.ts";
import { StrictClient } from "./strict-client.ts";

t.setTimeout(90_000);
const MINE = "header(x-user) == ann";
const mine: [string, string] = ["x-user", "ann"];
const ok: [string, string] = [":status", "200"];
const code = {
  protocol: constants.NGHTTP2_PROTOCOL_ERROR,
  flow: constants.NGHTTP2_FLOW_CONTROL_ERROR,
  size: constants.NGHTTP2_FRAME_SIZE_ERROR,
  refused: constants.NGHTTP2_REFUSED_STREAM,
  compression: constants.NGHTTP2_COMPRESSION_ERROR,
  calm: constants.NGHTTP2_ENHANCE_YOUR_CALM,
};

/** A client with one stolen stream under way, and an app that answers every stream at once. */
async function hostile(options: { window?: number; held?: boolean } = {}) {
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(await InboundStage.start({ steal: MINE }));
  const connect = async () => {
    const connecting = stage.connect();
    const app = await stage.app();
    serveFrames(app.socket, "app");
    if (app.text !== "") app.socket.emit("data", Buffer.from(app.text, "latin1"));
    const { window } = options;
    const client = new StrictClient(await connecting, window === undefined ? {} : { windowBytes: window });
    return { client, app };
  };
  const { client, app } = await connect();
  const first = client.request([mine], "open");
  const local = await stage.session.next();
  // The app's SETTINGS and its acknowledgement are behind it.
  await client.over(client.request([]).id);
  const rest = stack.move();
  return { stage, client, app, first, local, connect, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

/** The id behind the streams that {@link hostile} opened. */
const NEXT = 5;
const many = (count: number, frame: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => frame(index)));
const ids = (count: number, each: (streamId: number) => Buffer): Buffer =>
  many(count, (index) => each(NEXT + index * 2));
const setting = (id: number, value: number) => settingsFrame([{ id, value }]);
const { burst } = FLOOD_RATES.reset;

/** What breaks the connection, and the code that RFC 9113 or RFC 7541 wants for it. */
const attacks: Record<string, { bytes: Buffer; code: number; isOnlyAFlood?: true }> = {
  "CVE-2024-27316: CONTINUATION without end": { bytes: endlessBlock(NEXT, 9, 1_000), code: code.calm },
  "CVE-2024-27316: empty CONTINUATION without end": { bytes: endlessBlock(NEXT, 9, 0), code: code.calm },
  "CVE-2024-27316: large CONTINUATION without end": { bytes: endlessBlock(NEXT, 6, 16_384), code: code.calm },
  "RFC 7541 §5.2: Huffman padding longer than 7 bits": {
    bytes: blockFrame(NEXT, Buffer.of(0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00)),
    code: code.compression,
  },
  "RFC 7541 §2.3.3: an index that is not there": {
    bytes: blockFrame(NEXT, Buffer.of(0xff, 0xff, 0x7f)),
    code: code.compression,
  },
  "RFC 7541 §6.3: a table larger than allowed": {
    bytes: blockFrame(NEXT, Buffer.of(0x3f, 0xe1, 0xff, 0x03)),
    code: code.compression,
  },
  "RFC 7541 §5.1: an integer without end": {
    bytes: blockFrame(NEXT, Buffer.alloc(100, 0xff)),
    code: code.compression,
  },
  "RFC 9113 §4.2: a frame above the maximum": {
    bytes: rawFrame(FrameType.headers, { streamId: NEXT, payload: Buffer.alloc(16_385) }),
    code: code.size,
  },
  "RFC 9113 §6.8: GOAWAY that is too short": {
    bytes: rawFrame(FrameType.goaway, { payload: Buffer.alloc(7) }),
    code: code.size,
  },
  "RFC 9113 §6.10: CONTINUATION out of place": {
    bytes: rawFrame(FrameType.continuation, { streamId: 1 }),
    code: code.protocol,
  },
  "RFC 9113 §6.2: another frame within a block": {
    bytes: Buffer.concat([endlessBlock(NEXT, 0, 0), rawFrame(FrameType.ping, { payload: Buffer.alloc(8) })]),
    code: code.protocol,
  },
  "RFC 9113 §8.4: a client that pushes": {
    bytes: rawFrame(FrameType.pushPromise, { streamId: 1, payload: Buffer.alloc(4), flags: 4 }),
    code: code.protocol,
  },
  "RFC 9113 §5.1.1: an even stream": { bytes: requestFrame(NEXT + 1), code: code.protocol },
  "RFC 9113 §6.9: WINDOW_UPDATE by 0": { bytes: windowUpdateFrame(0, 0), code: code.protocol },
  "RFC 9113 §6.9.1: a window above 2^31 - 1": {
    bytes: windowUpdateFrame(0, 0x7fff_ffff),
    code: code.flow,
  },
  "RFC 9113 §6.5.2: an initial window above 2^31 - 1": { bytes: setting(4, 0x8000_0000), code: code.flow },
  "RFC 9113 §6.5.2: a maximum frame size of 1": { bytes: setting(5, 1), code: code.protocol },
  "33 settings in a frame": {
    bytes: settingsFrame(Array.from({ length: 33 }, () => ({ id: 0x99, value: 0 }))),
    code: code.calm,
  },
  "CVE-2019-9515: SETTINGS": {
    bytes: many(FLOOD_RATES.settings.burst + 1, () => settingsFrame([])),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2019-9512: PING, while only stolen streams are open": {
    bytes: many(FLOOD_RATES.ping.burst * 2, () => rawFrame(FrameType.ping, { payload: Buffer.alloc(8) })),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2019-9518: empty DATA": {
    bytes: many(FLOOD_RATES["empty-data"].burst + 100, () => rawFrame(FrameType.data, { streamId: 1 })),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "DATA that is nothing but padding": {
    bytes: many(FLOOD_RATES["empty-data"].burst + 100, () =>
      rawFrame(FrameType.data, { streamId: 1, flags: FrameFlag.padded, payload: Buffer.of(1, 0) }),
    ),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2019-9513: PRIORITY of a stolen stream": {
    bytes: many(FLOOD_RATES.ignored.burst + 1_000, () =>
      rawFrame(FrameType.priority, { streamId: 1, payload: Buffer.alloc(5) }),
    ),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "late DATA on a stolen stream that was reset": {
    bytes: Buffer.concat([
      rstStreamFrame(1, 8),
      many(FLOOD_RATES.ignored.burst + 1_000, () =>
        rawFrame(FrameType.data, { streamId: 1, payload: Buffer.of(1) }),
      ),
    ]),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2023-44487: stolen streams opened and reset": {
    bytes: ids(burst + 100, (id) => Buffer.concat([requestFrame(id, [mine]), rstStreamFrame(id, 8)])),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2025-8671: stolen streams that we are made to reset": {
    bytes: ids(burst + 100, (id) => Buffer.concat([requestFrame(id, [mine]), windowUpdateFrame(id, 0)])),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "CVE-2025-8671: DATA behind END_STREAM": {
    bytes: ids(burst + 100, (id) =>
      Buffer.concat([
        requestFrame(id, [mine]),
        rawFrame(FrameType.data, { streamId: id, payload: Buffer.of(1) }),
      ]),
    ),
    code: code.calm,
    isOnlyAFlood: true,
  },
  "more stolen streams than are taken": {
    bytes: ids(1_024 + burst + 100, (id) => requestFrame(id, [mine])),
    code: code.calm,
    isOnlyAFlood: true,
  },
};

for (const [law, attack] of Object.entries(attacks)) {
  void t.test(`behind a stolen stream: ${law}`, async (t) => {
    await using scene = await hostile();
    const { client, local, stage } = scene;
    client.end.send(attack.bytes);
    await client.end.until(() => client.goaway !== undefined);
    t.equal(client.goaway?.code, attack.code);
    t.match(await local.wasReset(), /^reset/);
    await client.end.over("fin");
    const { client: other } = await scene.connect();
    t.equal((await other.over(other.request([]).id)).text, "app /", "others have their own connections");
    client.end.socket.end();
    await stage.closed(1);
  });
}

for (const [law, attack] of Object.entries(attacks)) {
  void t.test(`before one the app judges: ${law}`, async (t) => {
    await using stage = await InboundStage.start({ steal: "header(x-user) == nobody" });
    const client = await stage.connect();
    const app = await stage.app();
    // As in the other tests two streams came before.
    const opening = [
      CLIENT_PREFACE,
      settingsFrame([]),
      requestFrame(1, [mine], { endStream: false }),
      requestFrame(3),
    ];
    const bytes = Buffer.concat([...opening, attack.bytes]);
    app.send(settingsFrame([]));
    client.send(bytes);
    await app.until(() => app.bytes >= bytes.length || app.ended !== "open");
    t.ok(Buffer.from(app.text, "latin1").equals(bytes), "byte for byte");
    app.send(rawFrame(FrameType.ping, { payload: Buffer.from("app says") }));
    await client.got("app says");
    client.socket.destroy();
    app.socket.destroy();
    await stage.closed(1);
    const opaque = stage.records.filter(({ verdict }) => verdict === "opaque");
    t.equal(opaque.length, attack.isOnlyAFlood === true ? 0 : 1, JSON.stringify(opaque[0]?.reason));
  });
}

void t.test(
  "an HPACK bomb behind a stolen stream costs its own stream, and never reaches the app",
  async (t) => {
    await using scene = await hostile();
    const { client, app } = scene;
    const { fill, bomb } = hpackBomb(4_000, 5_000);
    const before = app.bytes;
    // The stolen block fills the client's table; the app's never gets the entry, so each reference would be 4 KB there.
    client.streams.set(5, client.stream(1));
    client.end.send(blockFrame(5, Buffer.concat([requestBlock([mine]), fill])));
    await scene.stage.session.next();
    const resets: number[] = [];
    const reset = client.end.until(() => resets.length > 0);
    client.end.socket.on("data", (chunk: Buffer) => {
      const at = chunk.indexOf(Buffer.of(0, 0, 4, 3, 0, 0, 0, 0, 7));
      if (at !== -1) resets.push(chunk.readUInt32BE(at + 9));
    });
    client.end.send(blockFrame(7, Buffer.concat([requestBlock(), bomb])));
    client.end.send(rawFrame(FrameType.ping, { payload: Buffer.alloc(8) }));
    await reset;
    t.same(resets, [code.calm]);
    t.ok(app.bytes - before < 100, "not a byte of it");
    t.equal(client.goaway, undefined);
    client.end.send(requestFrame(9));
    await app.until(() => app.bytes > before);
    t.ok(app.bytes - before < 5_000, "the next request is one again");
  },
);

void t.test(
  "a header block that does not end goes to the app, which waits for it as long as it likes",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const begun = Buffer.concat([
      CLIENT_PREFACE,
      settingsFrame([]),
      endlessBlock(1, 0, 0),
      rawFrame(FrameType.continuation, { streamId: 1, payload: Buffer.alloc(100) }).subarray(0, 50),
    ]);
    client.send(begun);
    await app.until(() => app.bytes >= begun.length);
    t.ok(Buffer.from(app.text, "latin1").equals(begun), "byte for byte");
    client.socket.destroy();
    app.socket.destroy();
    await stage.closed(1);
    t.match(stage.records, [{ verdict: "opaque", reason: "slow-head" }]);
  },
);

void t.test("stolen heads are bounded: references make large ones cheap to send", async (t) => {
  await using scene = await hostile();
  const { client } = scene;
  const { fill } = hpackBomb(4_000, 0);
  const block = Buffer.concat([requestBlock([mine]), Buffer.alloc(15, 0xbe)]);
  client.request([]);
  client.end.send(blockFrame(7, Buffer.concat([requestBlock([mine]), fill])));
  const refused: number[] = [];
  client.end.socket.on("data", (chunk: Buffer) => {
    for (let at = 0; at !== -1; ) {
      at = chunk.indexOf(Buffer.of(0, 0, 4, 3, 0), at);
      if (at === -1) break;
      refused.push(chunk.readUInt32BE(at + 9));
      at += 13;
    }
  });
  for (let index = 0; index < 100; index++) client.end.send(blockFrame(9 + index * 2, block));
  await client.end.until(() => refused.length >= 30);
  const { streams } = scene.stage.session;
  t.ok(streams.length >= 60 && streams.length <= 72, `${streams.length} streams of 60 KB were taken`);
  t.ok(refused.every((each) => each === code.refused));
});

void t.test("a client without a window cannot pile up answers: they wait at the app", async (t) => {
  await using scene = await hostile();
  const { client, app, local } = scene;
  client.isGenerous = false;
  local.say("response", [ok]).data(Buffer.alloc(65_535, "l"));
  await client.until(() => client.windowBytes === 0);
  // An answer has the length of its path, and this app knows no windows: the first DATA is held, and all that is behind it.
  const count = 6_000;
  for (let index = 0; index < count; index++) client.request([[":path", `/${"a".repeat(2_000)}`]]);
  await until(() => app.socket.writableLength > 1 << 20, { what: "answers to wait at the app" });
  client.grant(0, 1 << 24);
  await client.until(() => [...client.streams.values()].filter((stream) => stream.ended).length > count);
  t.pass("none was lost");
});

const breaches: Record<string, Buffer> = {
  "answers a stolen stream": blockFrame(1, Buffer.of(0x88)),
  "sends DATA on a stolen stream": rawFrame(FrameType.data, {
    streamId: 1,
    payload: Buffer.from("not ours"),
  }),
  "resets a stolen stream": rstStreamFrame(1, 8),
  "never ends a header block": many(300, (index) =>
    index === 0 ? endlessBlock(3, 0, 0) : rawFrame(FrameType.continuation, { streamId: 3 }),
  ),
  "sends SETTINGS that nobody can acknowledge in time": many(200, () => settingsFrame([])),
  "sends a frame above the maximum": rawFrame(0xee, { payload: Buffer.alloc(16_385) }),
};

for (const [law, bytes] of Object.entries(breaches))
  void t.test(
    `an app that ${law} ends the connection; nobody takes its bytes for a session's answer`,
    async (t) => {
      await using scene = await hostile();
      const { client, app, local, first } = scene;
      // It acknowledges nothing, so that what the app asks for stays open.
      client.end.socket.pause();
      app.send(bytes);
      t.match(await local.wasReset(), /caller is gone/);
      client.end.socket.resume();
      await client.end.until(({ isClosed }) => isClosed);
      t.same([first.stream.ended, first.stream.text, first.stream.reset], [false, "", undefined]);
      const { client: other } = await scene.connect();
      t.equal((await other.over(other.request([]).id)).text, "app /");
    },
  );

void t.test("callers who read nothing are given up one by one, who reads is served", async (t) => {
  await using scene = await hostile({ window: 10 });
  const { stage, local } = scene;
  const clients = [scene.client];
  for (let index = 0; index < 3; index++) clients.push((await scene.connect()).client);
  local.say("response", [ok]);
  const locals = [];
  for (const client of clients)
    for (let index = 0; index < 80; index++) {
      client.request([mine]);
      locals.push(await stage.session.next());
    }
  for (const each of locals) each.say("response", [ok]).data(Buffer.alloc(256 * 1024, "l"));
  const given = locals.filter(({ said }) => said.at(-1)?.startsWith("reset") === true);
  t.equal(given.length, 320 - 256, "64 MB may wait");
  t.same(given, locals.slice(0, given.length), "the first ones have not moved for longest");
  const [client] = clients;
  await client?.until(() => client.stream(7).isOver);
  t.equal(client?.stream(7).reset, code.calm);
  // It moves now and then, so the others go first.
  scene.client.grant(1, 10);
  local.data("hello").finish();
  await scene.client.until(() => scene.client.stream(1).bodyBytes === 5);
});

void t.test("one byte at a time, both ways: what waits costs what it weighs", async (t) => {
  await using scene = await hostile({ window: 10 });
  const { client, local, first } = scene;
  local.accept().takesMore = false;
  const before = process.memoryUsage().rss;
  local.say("response", [ok]);
  for (let count = 0; count < 200_000; count++) local.data(Buffer.from("l"));
  const grownBytes = process.memoryUsage().rss - before;
  t.comment(`${(grownBytes / 1e6).toFixed(1)} MB for 200,000 pieces`);
  t.ok(grownBytes < 16 << 20);
  client.grant(first.id, 200_000);
  client.grant(0, 200_000);
  await client.until(() => first.stream.bodyBytes === 200_000);
  t.equal(client.stream(1).body.length < 200, true, "few frames, not 200,000");
});

void t.test("the last stream id there is may be stolen, or not", async (t) => {
  for (const fields of [[mine], []]) {
    await using scene = await hostile();
    const { client, stage } = scene;
    client.streams.set(0x7fff_ffff, client.stream(3));
    client.stream(3).ended = false;
    client.end.send(requestFrame(0x7fff_ffff, fields));
    if (fields.length > 0) (await stage.session.next()).say("response", [ok]).data("last").finish();
    await client.until(() => client.stream(3).ended);
    t.match(client.stream(3).text, fields.length > 0 ? /last$/ : /app \/$/);
  }
});

void t.test("100,000 streams on one connection, half of them stolen: every answer is its own", async (t) => {
  await using scene = await hostile();
  const { client, stage } = scene;
  const serve = async () => {
    for (;;) {
      const stream = await stage.session.next();
      const path = /:path: (\S+)/.exec(stream.head)?.[1] ?? "";
      stream.say("response", [ok]).data(`local ${path}`).finish();
    }
  };
  void serve();
  let wrong = 0;
  const beganRss = process.memoryUsage().rss;
  for (let first = 0; first < 100_000; first += 100) {
    const all = Array.from({ length: 100 }, (_, index) => {
      const fields: [string, string][] = [[":path", `/${first + index}`]];
      return { index, ...client.request(index % 2 === 0 ? [...fields, mine] : fields) };
    });
    await client.until(() => all.every(({ stream }) => stream.isOver));
    for (const { index, id, stream } of all) {
      if (stream.text !== `${index % 2 === 0 ? "local" : "app"} /${first + index}`) wrong++;
      client.streams.delete(id);
    }
    client.end.text = "";
    stage.records.length = 0;
  }
  t.comment(`${((process.memoryUsage().rss - beganRss) / 1e6).toFixed(0)} MB, both ends and the test`);
  t.equal(wrong, 0);
  t.equal(client.goaway, undefined);
});
