import { connect } from "node:http2";
import { Duplex } from "node:stream";
import t from "tap";
import {
  dataFrameHeader,
  encodePlain,
  type HeaderPair,
  headersFrames,
  settingsFrame,
} from "../../../../src/http/index.ts";
import { rawFrame } from "../../../fixtures/raw-frames.ts";
import { InboundStage, type Mirrored } from "../inbound-stage.ts";
import type { ScriptedStream } from "../scripted-session.ts";
import { Http2App } from "./http2-app.ts";
import { StrictClient } from "./strict-client.ts";

const mine: HeaderPair = ["x-user", "ann"];
const isOver = ({ said }: ScriptedStream): boolean => /^(?:end|reset)/.test(said.at(-1) ?? "");

async function mirrored(options: Parameters<typeof InboundStage.start>[0] & { mirror: string }) {
  const stage = await InboundStage.start(options);
  if (stage.mirrored === undefined) throw new Error("no mirror");
  const mirror: Mirrored = stage.mirrored;
  return { ...mirror, stage, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

/** Node wants a socket that nobody else reads. */
function asDuplex(socket: Duplex, sent: Buffer[]): Duplex {
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      sent.push(Buffer.from(chunk));
      socket.write(chunk, () => done());
    },
  });
  socket.on("data", (chunk: Buffer) => duplex.push(chunk));
  socket.on("close", () => duplex.push(null));
  return duplex;
}

void t.test("bytes pass untouched under a mirror, and every copy is what was said", async (t) => {
  await using scene = await mirrored({ mirror: "everything", answers: true });
  const { stage, session, mirror } = scene;
  await using app = await Http2App.start(stage);
  const raw = await stage.connect();
  const sent: Buffer[] = [];
  const client = connect("http://pod", { createConnection: () => asDuplex(raw.socket, sent) });
  const answers: string[] = [];
  const one = async (index: number) => {
    const request = client.request({
      ":path": `/?size=${index * 5_000}`,
      ":method": "POST",
      "x-tag": `t${index}`,
      "x-long": "v".repeat(index * 50),
    });
    request.end(Buffer.alloc(index * 3_000, "u"));
    request.on("response", (head) => answers.push(`${String(head["x-tag"])} ${String(head[":status"])}`));
    request.resume();
    await new Promise((resolve) => request.on("close", resolve));
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));
  const all = Buffer.concat(sent).toString("latin1");
  await app.ends[0]?.until((end) => end.bytes >= all.length);
  t.ok(app.ends[0]?.text === all, "client to app");
  t.equal(answers.length, 20);
  const copies = session.streams;
  t.equal(copies.length, 40);
  for (const copy of copies) await copy.until(isOver);
  for (const request of copies.filter(({ meta }) => meta.copy === "request")) {
    const index = Number(/x-tag: t(\d+)/.exec(request.head)?.[1]);
    t.match(request.head, `:path: /?size=${index * 5_000}\r\n`);
    t.match(request.head, `x-long: ${"v".repeat(index * 50)}\r\n`);
    t.equal(request.text, "u".repeat(index * 3_000));
    t.same(request.said, index === 0 ? ["end"] : ["data", "end"]);
    const answer = copies.find(
      ({ meta }) => meta.copy === "answer" && meta.requestId === request.meta.requestId,
    );
    t.match(answer?.head, new RegExp(`^:status: 200\r\n[^]*x-tag: t${index}\r\n`));
    t.equal(answer?.text, "a".repeat(index * 5_000));
    t.same(answer?.said.slice(-2), [`trailers x-sum: ${index * 3_000}\r\n`, "end"]);
    request.finish();
  }
  t.match(mirror.counts, { sent: 20, dropped: 0, answersDropped: 0 });
  client.destroy();
});

void t.test("padding is no content, and trailers are what the caller said", async (t) => {
  await using scene = await mirrored({ mirror: "everything" });
  const { stage, session } = scene;
  await using app = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect());
  const { id } = client.request([["te", "trailers"]], "open");
  client.end.send(rawFrame(0, { flags: 8, streamId: id, payload: Buffer.from("\x03abc\0\0\0", "latin1") }));
  client.end.send(rawFrame(0, { flags: 8, streamId: id, payload: Buffer.from("\x02\0\0", "latin1") }));
  client.end.send(rawFrame(0, { streamId: id, payload: Buffer.from("d") }));
  client.trailers(id, [["grpc-x", "1"]]);
  t.equal((await client.over(id)).field("x-bytes"), "4");
  const copy = await (await session.next()).until(isOver);
  t.equal(copy.meta.endsWithHead, false);
  t.equal(copy.text, "abcd");
  t.same(copy.said, ["data", "trailers grpc-x: 1\r\n", "end"]);
  t.equal(app.requests.length, 1);
});

void t.test("only what the filter matches is copied, stream by stream", async (t) => {
  await using scene = await mirrored({ mirror: "header(x-user) == ann", answers: true });
  const { stage, session } = scene;
  await using _ = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect());
  const ids = [[], [mine], []].map((fields: HeaderPair[]) => client.request(fields, Buffer.from("hi")).id);
  for (const id of ids) t.equal((await client.over(id)).status, "200");
  const copy = await session.next();
  t.match(copy.head, "x-user: ann");
  await (await session.next()).until(isOver);
  t.equal(session.streams.length, 2);
});

void t.test("a stolen stream is copied to others; what comes back to the app, its answer too", async (t) => {
  await using scene = await mirrored({
    steal: "header(x-user) == ann",
    mirror: "everything",
    answers: true,
  });
  const { stage, session } = scene;
  await using app = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect());
  const kept = client.request([mine], "open");
  client.send(kept.id, Buffer.from("abc"), false);
  const stolen = await stage.session.next();
  await stolen.got("abc");
  client.send(kept.id, Buffer.from("d"), true);
  stolen.accept().say("response", [[":status", "201"]]);
  stolen.finish();
  t.equal((await client.over(kept.id)).status, "201");
  const copy = await (await session.next()).until(isOver);
  t.match(copy.meta, { copy: "stolen-request", requestId: stolen.meta.requestId });
  t.equal(copy.head, stolen.head);
  t.same([copy.text, copy.said], ["abcd", ["data", "end"]]);
  const back = client.request([mine], "open");
  client.send(back.id, Buffer.from("ab"), false);
  const refused = await stage.session.next();
  await refused.got("ab");
  refused.fail("local-refused");
  client.send(back.id, Buffer.from("c"), true);
  t.equal((await client.over(back.id)).field("server"), "app");
  t.equal(app.requests.length, 1);
  t.equal((await (await session.next()).until(isOver)).text, "abc");
  t.match((await (await session.next()).until(isOver)).head, "server: app");
  t.equal(session.streams.length, 3);
});

void t.test("a stream that is reset cuts its copies, whoever resets it", async (t) => {
  await using scene = await mirrored({ mirror: "everything", answers: true });
  const { stage, session, mirror } = scene;
  const client = new StrictClient(await stage.connect());
  const app = await stage.app();
  const { id } = client.request([], "open");
  await app.until(({ bytes }) => bytes > 50);
  const block = encodePlain([[":status", "200"]]);
  const part = dataFrameHeader({ streamId: id, length: 4, endStream: false });
  app.send(
    Buffer.concat([settingsFrame([]), headersFrames({ streamId: id, block }), part, Buffer.from("part")]),
  );
  await client.until(() => client.stream(id).text === "part");
  client.cancel(id);
  const [request, answer] = [await session.next(), await session.next()];
  t.match(await request.wasReset(), /^reset cancelled/);
  t.match(await answer.wasReset(), /^reset cancelled/);
  t.equal(answer.text, "part");
  t.match(mirror.counts, { dropped: 1, answersDropped: 1 });
  const second = client.request([], "open").id;
  const copy = await session.next();
  app.send(rawFrame(3, { streamId: second, payload: Buffer.from([0, 0, 0, 7]) }));
  t.match(await copy.wasReset(), /^reset cancelled/);
  const third = client.request([], "open").id;
  await session.next().then(async (copy) => {
    client.end.socket.destroy();
    t.match(await copy.wasReset(), /^reset cancelled/, `stream ${third} ends with its connection`);
  });
});

void t.test("interim heads are left out, and an answer without content ends with its head", async (t) => {
  await using scene = await mirrored({ mirror: "everything", answers: true });
  const { stage, session } = scene;
  const client = new StrictClient(await stage.connect());
  const app = await stage.app();
  const { id } = client.request([]);
  await app.until(({ bytes }) => bytes > 50);
  const head = (status: string, endStream: boolean): Buffer =>
    headersFrames({ streamId: id, block: encodePlain([[":status", status]]), endStream });
  app.send(Buffer.concat([settingsFrame([]), head("103", false), head("204", true)]));
  await client.over(id);
  await session.next();
  const answer = await (await session.next()).until(isOver);
  t.equal(answer.head, ":status: 204\r\n");
  t.equal(answer.meta.endsWithHead, true);
  t.same(answer.said, ["end"]);
  t.equal(session.streams.length, 2);
});

void t.test("a promise of the app is no answer, and what it pushes is not copied", async (t) => {
  await using scene = await mirrored({ mirror: "everything", answers: true });
  const { stage, session } = scene;
  const client = new StrictClient(await stage.connect());
  const app = await stage.app();
  const { id } = client.request([]);
  await app.until(({ bytes }) => bytes > 50);
  const promise = encodePlain([
    [":method", "GET"],
    [":path", "/pushed"],
  ]);
  const ok = encodePlain([[":status", "200"]]);
  app.send(
    Buffer.concat([
      settingsFrame([]),
      headersFrames({ streamId: id, block: promise, promisedStreamId: 2 }),
      headersFrames({ streamId: id, block: ok, endStream: true }),
    ]),
  );
  await session.next();
  t.equal((await (await session.next()).until(isOver)).head, ":status: 200\r\n");
});

void t.test(
  "a mirror that came behind the connection gets requests, and is told why no answers",
  async (t) => {
    await using stage = await InboundStage.start({ steal: "path == '/none'" });
    await using _ = await Http2App.start(stage);
    const client = new StrictClient(await stage.connect());
    t.equal((await client.over(client.request([]).id)).status, "200");
    const { session } = stage.mirror("everything", { answers: true });
    t.equal((await client.over(client.request([]).id)).status, "200");
    t.same((await session.next()).said, ["end"]);
    t.equal(session.streams.length, 1);
    t.match(stage.notices, [/^answers-unread: /]);
  },
);

void t.test("a session that takes nothing does not hold up the stream, nor its neighbours", async (t) => {
  await using scene = await mirrored({ mirror: "header(x-user) == ann", answers: true });
  const { stage, session, mirror } = scene;
  session.takesMore = false;
  await using _ = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect());
  await client.until(() => client.hasSettings);
  const { id } = client.request([mine, [":path", "/?size=3000000"]], "open");
  for (let sent = 0; sent < 4_000_000; sent += 20_000) {
    await client.until(() => Math.min(client.sendBytes, client.stream(id).sendBytes) >= 20_000);
    client.send(id, Buffer.alloc(20_000, "u"), sent === 3_980_000);
  }
  const stream = await client.over(id);
  t.equal(stream.field("x-bytes"), "4000000");
  t.equal(stream.bodyBytes, 3_000_000);
  t.equal((await client.over(client.request([]).id)).status, "200");
  t.match((await session.next()).said.at(-1), /^reset flow-control/);
  t.match(mirror.counts, { dropped: 1 });
  t.equal(session.streams.length, 1, "an answer to a request that was given up helps nobody");
});
