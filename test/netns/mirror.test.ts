import { createHash } from "node:crypto";
import t, { type Test } from "tap";
import { HpackDecoder } from "../../src/http/index.ts";
import { seededRandom } from "../fixtures/byte-splits.ts";
import { GrpcCaller } from "../fixtures/grpc-client.ts";
import { GrpcApp } from "../fixtures/grpc-server.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { MirrorSession, type TakenCopy } from "../fixtures/mirror-session.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { playWireCase, randomCut, sentByApp, sentByClient, type WireCase } from "../fixtures/wire-case.ts";
import { http2Cases } from "../fixtures/wire-cases-http2.ts";
import { httpCases } from "../fixtures/wire-cases-http.ts";
import { opaqueCases } from "../fixtures/wire-cases-opaque.ts";
import { randomWireCase } from "../fixtures/wire-messages.ts";

const seed = 20_261_129;
const randomCases = 40;
const host = "10.77.0.1";
const blue = { header: "^x-tenant: blue$" };

void t.test("bytes pass under a mirror as they pass without one, whether it reads or stalls", async (t) => {
  await using made = await createNamespaces({ label: "mirror-bytes" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using app = await RawApp.start({ namespace: made.pod, port: 8000 });
  await using client = await RawClient.start({ namespace: made.client });
  // Any session brings the agent; this one wants none of what is played.
  const args = ["--port", "8000:9", "--header", "^x-tenant: blue$"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  const at = { pod: made.pod, runtimeDirectory, port: 8000, terms: { answers: true } };
  await using reading = await MirrorSession.start(at);
  await using stalled = await MirrorSession.start({ ...at, behaviour: "stall" });
  const random = seededRandom(seed);
  const play = async (t: Test, wire: WireCase) => {
    const cut = randomCut(random);
    const { atApp, atClient } = await playWireCase(wire, { client, app, host, cut });
    t.ok(atApp.equals(sentByClient(wire)), `${wire.name}: the app's bytes`);
    t.ok(atClient.equals(sentByApp(wire)), `${wire.name}: the client's bytes`);
  };
  for (const wire of [...httpCases, ...http2Cases, ...opaqueCases]) await play(t, wire);
  for (let number = 0; number < randomCases; number++)
    await play(t, randomWireCase(`random conversation ${number}`, random));
  t.ok(steal.proc.running && stalled.proc.running);
  const { sent, failed } = await reading.counts(1);
  t.ok(sent > 0, `${sent} copies`);
  t.equal(failed, 0);
});

/** The one copy of a kind. */
function copyOf(copies: readonly TakenCopy[], copy: "request" | "stolen-request" | "answer"): TakenCopy {
  const [found, ...more] = copies.filter(({ meta }) => meta.copy === copy);
  if (found === undefined || more.length > 0) throw new Error(`${copies.length} copies`);
  return found;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

void t.test("copies are what was said: HTTP/1.1, and raw bytes", async (t) => {
  await using scene = await Scene.create({ label: "mirror-copies" });
  const { app, client, to, made, runtimeDirectory } = scene;
  await using steal = await scene.steal("--header", "^x-tenant: blue$");
  await using mirror = await MirrorSession.start({
    ...{ pod: made.pod, runtimeDirectory, port: 80 },
    terms: { answers: true },
  });
  t.ok(steal.agentPid > 0);
  const head = "POST /upload HTTP/1.1\r\nHost: pod\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n";
  const body = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nx-sum: 11\r\n\r\n";
  const answer = "HTTP/1.1 200 Fine\r\nContent-Length: 4\r\n\r\nfour";
  await app.setScript({
    answers: [{ afterBytes: head.length + body.length, chunks: [Buffer.from(answer)] }],
  });

  await t.test("head, content and trailers of a request, and its answer", async (t) => {
    const chunks = Array.from(head + body, (byte) => Buffer.from(byte));
    const got = await client.exchange({ ...to, chunks, until: { bytes: answer.length } });
    t.equal(text(got.bytes), answer);
    const copies = await mirror.copies(2);
    const request = copyOf(copies, "request");
    t.equal(text(request.head), head);
    t.equal(text(request.content), "hello world");
    t.equal(text(request.trailers ?? Buffer.of()), "x-sum: 11\r\n");
    t.equal(request.over, "end");
    t.match(request.meta, { kind: "http1", peer: { address: made.client.address4 }, original: { port: 80 } });
    const answered = copyOf(copies, "answer");
    t.equal(answered.meta.requestId, request.meta.requestId);
    t.equal(text(answered.head), answer.slice(0, -4));
    t.equal(text(answered.content), "four");
  });

  await t.test("what is no HTTP, as far as the client speaks", async (t) => {
    await app.setScript({ greeting: Buffer.from("220 mail\r\n"), answers: [] });
    await client.exchange({
      ...to,
      chunks: [Buffer.from("EHLO me\r\n")],
      then: "end",
      until: { idleMs: 50 },
    });
    const copy = copyOf(await mirror.copies(1), "request");
    t.match(copy.meta, { kind: "tcp" });
    t.same([text(copy.content), copy.over], ["EHLO me\r\n", "end"]);
  });

  await t.test("its session asks the app itself, past every rule", async (t) => {
    const request = "GET /again HTTP/1.1\r\nHost: pod\r\nX-Tenant: blue\r\n\r\n";
    await app.setScript({
      answers: [{ afterBytes: request.length, chunks: [Buffer.from(answer)], then: "end" }],
    });
    const original = { address: host, port: 80 };
    t.equal(await mirror.ask(original, request), answer);
    t.match(await mirror.ask({ ...original, address: "10.77.0.2" }, request), /^refused: /);
    t.match(await mirror.ask({ ...original, port: 81 }, request), /^refused: /);
  });
});

void t.test("copies are what was said: gRPC, stolen and not, for two mirrors", async (t) => {
  await using scene = await Scene.create({ label: "mirror-grpc" });
  const { made, runtimeDirectory } = scene;
  const port = 50_051;
  await using app = await GrpcApp.start({ name: "app", namespace: made.pod, port });
  await using local = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
  await using steal = await scene.steal("--port", `${port}:${local.port}`, "--header", "^x-tenant: blue$");
  const at = { pod: made.pod, runtimeDirectory, port };
  await using all = await MirrorSession.start({ ...at, terms: { answers: true } });
  await using some = await MirrorSession.start({ ...at, filter: blue });
  await using caller = await GrpcCaller.start({ namespace: made.client });
  await caller.connect(`${host}:${port}`);
  t.ok(steal.agentPid > 0 && app.port === port);
  const messages = ["one", "", "three"].map((word) => Buffer.from(word));
  const framed = Buffer.concat(
    messages.map((message) => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])),
  );
  const fields = (block: Uint8Array) => {
    const decoder = new HpackDecoder({ maxListBytes: 1 << 20, maxTableBytes: 0 });
    return new Map(decoder.decode(Buffer.from(block)).fields.map(({ name, value }) => [name, value]));
  };
  const isCall = ({ content, head }: TakenCopy): boolean =>
    Buffer.from(content).equals(framed) && fields(head).get(":path") === "/shop.Cart/Chat";

  const [passed] = await caller.call({ id: "passed", method: "Chat", messages });
  t.equal(passed.code, 0);
  const copies = await all.copies(2);
  t.ok(isCall(copyOf(copies, "request")));
  const answer = copyOf(copies, "answer");
  t.equal(fields(answer.head).get(":status"), "200");
  t.ok(Buffer.from(answer.content).equals(framed));
  t.equal(fields(answer.trailers ?? Buffer.of()).get("grpc-status"), "0");

  const metadata = [["x-tenant", "blue"]] as const;
  const [stolen] = await caller.call({ id: "stolen", method: "Chat", messages, metadata });
  t.equal(stolen.code, 0);
  t.same(new Map(stolen.initial).get("x-served-by"), "local");
  const [one, other] = [await all.copies(1), await some.copies(1)];
  t.ok(isCall(copyOf(one, "stolen-request")) && isCall(copyOf(other, "stolen-request")));
  t.equal(one[0]?.meta.requestId, other[0]?.meta.requestId);
  t.match(await all.counts(2), { sent: 2, dropped: 0, failed: 0, answersDropped: 0 });
  t.match(await some.counts(1), { sent: 1 });
});

void t.test("a large body is copied to the last byte", async (t) => {
  await using scene = await Scene.create({ label: "mirror-large" });
  const { app, client, to, made, runtimeDirectory } = scene;
  await using steal = await scene.steal("--header", "^x-tenant: blue$");
  await using mirror = await MirrorSession.start({ pod: made.pod, runtimeDirectory, port: 80 });
  t.ok(steal.agentPid > 0);
  const body = Buffer.from(Array.from({ length: 1_900_000 }, (_, at) => at * 31));
  const head = `PUT /x HTTP/1.1\r\nHost: pod\r\nContent-Length: ${body.length}\r\n\r\n`;
  const answer = "HTTP/1.1 204 No Content\r\n\r\n";
  await app.setScript({
    answers: [{ afterBytes: head.length + body.length, chunks: [Buffer.from(answer)] }],
  });
  await client.exchange({ ...to, chunks: [Buffer.from(head), body], until: { bytes: answer.length } });
  const copy = copyOf(await mirror.copies(1), "request");
  t.equal(copy.contentBytes, body.length);
  t.equal(copy.contentHash, createHash("sha256").update(body).digest("hex"));
});
