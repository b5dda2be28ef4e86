import t from "tap";
import {
  dataFrameHeader,
  encodePlain,
  type HeaderPair,
  headersFrames,
  pingFrame,
  RfcErrorCode,
  SettingId,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
} from "../../../../src/http/index.ts";
import { InboundStage, type RawEnd } from "../inbound-stage.ts";
import { Http2App } from "./http2-app.ts";
import { StrictClient } from "./strict-client.ts";

const MINE = "header(x-user) == ann";
const mine: HeaderPair = ["x-user", "ann"];
const ok: HeaderPair = [":status", "200"];
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A client and an app whose frames a test writes itself; the app has said its settings. */
async function frames(options: { settings?: [number, number][]; window?: number } = {}) {
  const stage = await InboundStage.start({ steal: MINE });
  const connecting = stage.connect();
  const app = await stage.app();
  const client = new StrictClient(
    await connecting,
    options.window === undefined ? {} : { windowBytes: options.window },
  );
  await app.got(PREFACE);
  app.send(settingsFrame((options.settings ?? []).map(([id, value]) => ({ id, value }))));
  app.send(settingsAckFrame());
  await client.until(() => client.hasSettings);
  return {
    stage,
    app,
    client,
    async stolen(fields: readonly HeaderPair[] = [mine], body?: Buffer | "open") {
      const { id, stream } = client.request(fields, body);
      return { id, stream, local: await stage.session.next() };
    },
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** A frame of DATA with padding (RFC 9113 §6.1). */
function padded(streamId: number, content: string, padBytes: number, endStream: boolean): Buffer {
  const header = dataFrameHeader({ streamId, length: 1 + content.length + padBytes, endStream });
  header.writeUInt8((header[4] ?? 0) | 0x8, 4);
  return Buffer.concat([header, Buffer.of(padBytes), Buffer.from(content), Buffer.alloc(padBytes)]);
}

/** PUSH_PROMISE of `promised` on `streamId` (RFC 9113 §6.6). */
function pushPromise(streamId: number, promised: number): Buffer {
  const frame = headersFrames({
    streamId,
    block: Buffer.concat([Buffer.alloc(4), encodePlain([[":method", "GET"]])]),
    endStream: false,
  });
  frame[3] = 5;
  frame.writeUInt32BE(promised, 9);
  return frame;
}

void t.test("the app may speak first: its SETTINGS wait for the client's preface", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const raw = await stage.connect();
  const app = await stage.app();
  app.send(settingsFrame([{ id: SettingId.initialWindowSize, value: 100_000 }]));
  app.send(windowUpdateFrame(0, 1_000));
  const client = new StrictClient(raw);
  await client.until(() => client.hasSettings && client.sendBytes === 66_535);
  t.equal(client.settings.get(SettingId.initialWindowSize), 100_000);
  const { id } = client.request([mine]);
  (await stage.session.next()).say("response", [ok]).finish();
  t.equal((await client.over(id)).status, "200");
});

void t.test("an app that speaks first and not in frames is passed on at once", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  app.send("SSH-2.0-x\r\n");
  await client.got("SSH-2.0-x\r\n");
});

void t.test("a push passes as it came, behind stolen streams too", async (t) => {
  await using all = await frames();
  const { app, client } = all;
  const { id, local } = await all.stolen();
  client.request([]);
  const push = pushPromise(id + 2, 2);
  app.send(push);
  app.send(pingFrame(Buffer.from("12345678"), { ack: true }));
  await client.until(() => client.pings.length === 1);
  t.ok(client.end.text.includes(push.toString("latin1")));
  local.say("response", [ok]).finish();
  t.equal((await client.over(id)).status, "200");
});

void t.test("padding is counted against both windows and never delivered", async (t) => {
  await using all = await frames();
  const { client } = all;
  const { id, stream, local } = await all.stolen([mine], "open");
  local.accept();
  client.end.send(padded(id, "con", 200, false));
  client.end.send(padded(id, "", 255, false));
  client.end.send(padded(id, "tent", 0, true));
  await local.until(({ said }) => said.at(-1) === "end");
  t.equal(local.text, "content");
  // 204 + 256 + 5 bytes came and were not noted as sent here.
  await client.until(() => client.sendBytes === 65_535 + 465);
  local.say("response", [ok]).finish();
  await client.over(id);
  t.equal(stream.reset, undefined);
});

void t.test("a head in CONTINUATIONs is stolen whole, and so is an answer's", async (t) => {
  await using all = await frames();
  const long: HeaderPair[] = Array.from({ length: 30 }, (_, index) => [`x-long-${index}`, "v".repeat(1_000)]);
  const { id, stream, local } = await all.stolen([mine, ...long]);
  for (const [name, value] of long) t.ok(local.head.includes(`${name}: ${value}\r\n`), name);
  local.say("response", [ok, ...long]).finish();
  await all.client.over(id);
  t.same(stream.heads, [[ok, ...long]]);
});

void t.test("the app lowers its header table after a steal: blocks for it keep to that", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  await using app = await Http2App.start(stage, { tableBytes: 4096 });
  const sessions: { settings(settings: object): void }[] = [];
  app.server.on("session", (session) => sessions.push(session));
  const client = new StrictClient(await stage.connect());
  const first = client.request([["x-tag", "one"]]);
  t.equal((await client.over(first.id)).field("x-tag"), "one");
  for (const [round, tableBytes] of [0, 4096, 100].entries()) {
    const { id } = client.request([mine]);
    (await stage.session.next()).say("response", [ok]).finish();
    await client.over(id);
    sessions[0]?.settings({ headerTableSize: tableBytes });
    const seen = client.settings.get(SettingId.headerTableSize);
    await client.until(() => client.settings.get(SettingId.headerTableSize) === tableBytes);
    t.not(seen, tableBytes);
    const next = client.request([["x-tag", `round${round}`]]);
    t.equal((await client.over(next.id)).field("x-tag"), `round${round}`);
  }
});

void t.test("more stolen streams than one connection may have are refused, and others are not", async (t) => {
  await using all = await frames();
  const { client, app } = all;
  const ids = Array.from({ length: 1_024 }, () => client.request([mine]).id);
  const more = client.request([mine]);
  t.equal((await client.over(more.id)).reset, RfcErrorCode.refusedStream);
  t.notOk(ids.some((id) => client.stream(id).isOver));
  const other = client.request([]);
  app.send(headersFrames({ streamId: other.id, block: encodePlain([ok]), endStream: true }));
  t.equal((await client.over(other.id)).status, "200");
});

void t.test("an app that stops inside a frame holds up no stolen stream, and takes none along", async (t) => {
  await using all = await frames();
  const { client, app } = all;
  const forwarded = client.request([]);
  const { id, local } = await all.stolen();
  app.send(headersFrames({ streamId: forwarded.id, block: encodePlain([ok]), endStream: false }));
  await client.until(() => forwarded.stream.heads.length === 1);
  app.send(dataFrameHeader({ streamId: forwarded.id, length: 10_000, endStream: true }));
  app.send("only this");
  client.ping("12345678");
  await app.got("12345678");
  local.say("response", [ok]).data("answered").finish();
  t.equal((await client.over(id)).text, "answered");
  const late = await all.stolen();
  app.socket.resetAndDestroy();
  await client.over(forwarded.id);
  t.same([forwarded.stream.reset, forwarded.stream.text], [RfcErrorCode.internalError, ""]);
  late.local.say("response", [ok]).data("late").finish();
  t.equal((await client.over(late.id)).text, "late");
  await client.end.over("fin");
});

void t.test("a client that does not read holds up its session, and nothing is lost", async (t) => {
  await using all = await frames({ window: 4_000_000 });
  const { client } = all;
  client.isGenerous = false;
  client.grant(0, 8_000_000);
  const { id, stream, local } = await all.stolen();
  client.end.socket.pause();
  local.say("response", [ok]);
  for (let at = 0; at < 40; at++) local.data(Buffer.alloc(100_000, "x"));
  local.finish();
  client.end.socket.resume();
  t.equal((await client.over(id)).bodyBytes, 4_000_000);
  t.equal(stream.reset, undefined);
  t.equal(local.creditBytes, 4_000_000);
});

void t.test(
  "request trailers behind an announced length reach the session, marked as they were",
  async (t) => {
    await using all = await frames();
    const { id, local } = await all.stolen([mine, ["content-length", "2"]], "open");
    all.client.send(id, Buffer.from("ok"), false);
    const block = encodePlain([["x-sum", "1"]], { isNeverIndexed: () => true });
    all.client.end.send(headersFrames({ streamId: id, block, endStream: true }));
    await local.until(({ said }) => said.at(-1) === "end");
    t.same(local.said, ["data", "trailers x-sum: 1\r\n", "end"]);
  },
);

void t.test(
  "a request that nobody takes for a second gives the window back to others, and is lost to the app",
  async (t) => {
    await using all = await frames();
    const { client } = all;
    const { id, local } = await all.stolen([mine], "open");
    client.send(id, Buffer.alloc(65_535), false);
    await client.until(() => client.sendBytes === 65_535);
    t.equal(client.stream(id).sendBytes, 0, "of its own window nothing");
    local.fail("local-refused");
    t.equal((await client.over(id)).reset, RfcErrorCode.internalError);
  },
);

void t.test("an app that never says its SETTINGS keeps no stolen stream from its answer", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const connecting = stage.connect();
  const app = await stage.app();
  const client = new StrictClient(await connecting);
  const { id } = client.request([mine]);
  (await stage.session.next()).say("response", [ok]).data("answered").finish();
  t.equal((await client.over(id)).text, "answered");
  await app.over("fin");
});

void t.test(
  "an app that was asked and is silent keeps its requests, and no stolen stream waits for it",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const connecting = stage.connect();
    const app = await stage.app();
    const client = new StrictClient(await connecting);
    const its = client.request([]);
    await app.until(({ text }) => text.includes("pod"));
    const first = client.request([mine]);
    (await stage.session.next()).say("response", [ok]).data("answered").finish();
    t.equal((await client.over(first.id)).text, "answered");
    t.same([...client.settings], [], "nothing is decided for the app");
    client.ping("12345678");
    await app.got("12345678");
    const ack = settingsAckFrame().toString("latin1");
    t.notOk(app.text.includes(ack), "what the client took of ours is not told to the app");
    app.send(settingsFrame([{ id: SettingId.maxConcurrentStreams, value: 50 }]));
    app.send(settingsAckFrame());
    app.send(headersFrames({ streamId: its.id, block: encodePlain([ok]), endStream: true }));
    t.equal((await client.over(its.id)).status, "200");
    t.equal(client.settings.get(SettingId.maxConcurrentStreams), 50);
    await app.got(ack);
    t.equal(app.text.split(ack).length, 2, "and what it took of the app's is, once");
  },
);

for (const [name, end] of [
  ["answers in HTTP/1.1", (app: RawEnd) => void app.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["hangs up", (app: RawEnd) => void app.socket.end()],
] as const)
  void t.test(
    `an app that ${name} when it is spoken to in HTTP/2 is not needed where all is stolen`,
    async (t) => {
      await using stage = await InboundStage.start({ steal: "everything" });
      const connecting = stage.connect();
      const client = new StrictClient(await connecting);
      end(await stage.app());
      const { id } = client.request([]);
      (await stage.session.next()).say("response", [ok]).data("answered").finish();
      t.equal((await client.over(id)).text, "answered");
      t.match(stage.records[0], { verdict: "stolen", reason: /everything on this port is stolen/ });
    },
  );

void t.test("a session that cannot read HTTP/2 is given none, whoever else can", async (t) => {
  await using stage = await InboundStage.start();
  await using app = await Http2App.start(stage);
  stage.subscribe("header(x-user) == ann", { http2: false });
  stage.subscribe("header(x-user) == bob");
  const client = new StrictClient(await stage.connect());
  t.equal((await client.over(client.request([mine]).id)).field("server"), "app");
  client.request([["x-user", "bob"]]);
  t.match((await stage.session.next()).head, /x-user: bob/);
  t.equal(app.requests.length, 1);
});

void t.test(
  "a connection that is drained: GOAWAY twice, and what comes later is left to somebody else",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    await using app = await Http2App.start(stage);
    const client = new StrictClient(await stage.connect());
    const open = client.request([], "open");
    const stolen = client.request([mine]);
    const local = await stage.session.next();
    stage.connections[0]?.drain();
    await client.until(() => client.goaways.length === 1);
    const between = client.request([]);
    t.equal((await client.over(between.id)).field("server"), "app", "what was on its way is taken");
    await client.until(() => client.goaways.length === 2);
    t.same(client.goaways, [
      { lastStreamId: 2 ** 31 - 1, code: 0, debugData: Buffer.alloc(0) },
      { lastStreamId: between.id, code: 0, debugData: Buffer.alloc(0) },
    ]);
    const late = client.request([]);
    client.send(open.id, Buffer.from("x"), true);
    local.say("response", [ok]).finish();
    await client.over(open.id);
    await client.over(stolen.id);
    t.notOk(late.stream.isOver);
    t.equal(app.requests.length, 2);
    t.ok(stage.connections[0]?.isIdle);
  },
);
