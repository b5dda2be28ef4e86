import t from "tap";
import type { MessageList, Sent } from "../../src/client/inspector/page-contract.ts";
import { GrpcCaller } from "../fixtures/grpc-client.ts";
import { GrpcApp } from "../fixtures/grpc-server.ts";
import { InspectorClient } from "../fixtures/inspector-client.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { ShopApp } from "../fixtures/shop-app.ts";
import { EventCaller } from "../fixtures/sse-client.ts";
import { EventApp } from "../fixtures/sse-server.ts";
import { WebSocketCaller } from "../fixtures/websocket-client.ts";
import { WebSocketApp } from "../fixtures/websocket-server.ts";
import { runMagpie } from "../fixtures/magpie-command.ts";

const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "kinds" }));
const host = "127.0.0.1";
const apps = await Promise.all([
  WebSocketApp.start({ name: "app", version: "http1", namespace: pod, port: 80 }),
  EventApp.start({ version: "http1", namespace: pod, port: 81 }),
  GrpcApp.start({ name: "app", namespace: pod, port: 82 }),
  RawApp.start({ namespace: pod, port: 83 }),
]);
for (const app of apps) stage.use(app);
const [sockets, events, grpc, raw] = await Promise.all([
  WebSocketApp.start({ name: "local", version: "http1", host }),
  EventApp.start({ version: "http1", host }),
  GrpcApp.start({ name: "local", host }),
  RawApp.start({ host }),
]);
for (const local of [sockets, events, grpc, raw]) stage.use(local);
const ports = [sockets, events, grpc, raw].flatMap(({ port }, index) => ["--port", `${80 + index}:${port}`]);
const steal = stage.use(await MagpieSteal.start({ pod, runtimeDirectory, args: [...ports, "--inspect"] }));
const page = stage.use(new InspectorClient(String((await steal.event("inspector"))["url"])));
page.follow();
const messages = (id: number, of: string) =>
  page.ask<MessageList>("GET", `/api/requests/${id}/messages?of=${of}`);
const textsOf = ({ messages }: MessageList) => messages.map(({ kind, text }) => [kind, text]);

void t.test("messages of a WebSocket are read both ways", async (t) => {
  await using caller = await WebSocketCaller.start({ namespace: client, version: "http1" });
  await caller.open({ address: `${pod.address4}:80`, path: "/echo", headers: {} });
  t.equal(await caller.message("/echo"), "local");
  await caller.send("/echo", "hello");
  t.equal(await caller.message("/echo"), "hello");
  await caller.send("/echo", Buffer.from([1, 2, 255]));
  await caller.message("/echo");
  await caller.close("/echo", 1000, "bye");
  await caller.closed("/echo");
  const row = await page.row(({ path, state }) => path === "/echo" && state === "over");
  t.match(row, { kind: "websocket", status: 101, what: "stolen" });
  const said = [["text", "hello"], ["binary", "0102ff"], ["close"]];
  t.match(textsOf(await messages(row.id, "request")), said);
  t.match(textsOf(await messages(row.id, "answer")), [["text", "local"], ...said]);
  const replay = await page.raw("POST", `/api/requests/${row.id}/replay`, {
    headers: { "content-type": "application/json" },
    body: '{"to":"local"}',
  });
  t.equal(replay.status, 409);
});

void t.test("events of a stream are there while it goes on", async (t) => {
  await using caller = await EventCaller.start({
    namespace: client,
    origin: `http://${pod.address4}:81`,
    version: "http1",
  });
  const listening = caller.listen("/events");
  await events.asked("/events");
  await events.answer("/events");
  await events.write("/events", 'event: price\ndata: {"a":1}\n\n');
  await listening;
  const row = await page.row(({ path, kind }) => path === "/events" && kind === "sse");
  let list = await messages(row.id, "answer");
  for (let left = 100; left > 0 && list.messages.length === 0; left--)
    list = await messages(row.id, "answer");
  t.match(list.messages, [{ kind: "json", name: "price", text: '{"a":1}' }]);
  t.equal(page.rows.get(row.id)?.durationMs, null);
  await events.end("/events");
});

void t.test("a gRPC call is read once its service is described, and sent again", async (t) => {
  await using caller = await GrpcCaller.start({ namespace: client });
  await caller.connect(`${pod.address4}:82`);
  await caller.call({ id: "one", method: "Add", metadata: [], messages: [Buffer.from("three")] });
  const row = await page.row(({ kind, state }) => kind === "grpc" && state === "over");
  t.match(row, { protocol: "http2", status: 200, grpcStatus: 0, method: "POST" });
  const before = await messages(row.id, "request");
  t.equal(before.messages.length, 1);
  const [, service = "", method = ""] = row.path.split("/");
  const at = service.lastIndexOf(".");
  const proto =
    `syntax = "proto3"; ${at === -1 ? "" : `package ${service.slice(0, at)};`} message M { bytes b = 1; } ` +
    `service ${service.slice(at + 1)} { rpc ${method}(M) returns (M); }`;
  const state = await page.raw("POST", "/api/descriptors?name=shop.proto", { body: proto });
  t.match(JSON.parse(state.bytes.toString()), { descriptors: [{ name: "shop.proto", services: [service] }] });
  t.ok((await messages(row.id, "request")).messages.length === 1);
  const sent = await page.ask<Sent>("POST", `/api/requests/${row.id}/replay`, { to: "original" });
  const again = await page.row(
    ({ id, state }) => id === sent.id && state !== "waiting" && state !== "answering",
  );
  t.match(again, { grpcStatus: 0, source: "replay", answeredBy: "the app" });
  t.same(await page.body(again.id, "answer"), await page.body(row.id, "answer"));
});

void t.test("a connection of raw bytes is a row, with what went both ways", async (t) => {
  await using caller = await RawClient.start({ namespace: client });
  await raw.setScript({ greeting: Buffer.from("220 hello\r\n"), echo: true });
  const connection = await caller.open({ host: pod.address4, port: 83 });
  await connection.read({ bytes: 11 });
  await connection.send("QUIT\r\n");
  await connection.read({ bytes: 6 });
  await connection.close();
  const row = await page.row(
    ({ kind, state }) => kind === "raw" && state !== "waiting" && state !== "answering",
  );
  t.match(row, { protocol: "tcp", method: "", port: 83, what: "stolen" });
  t.equal((await page.body(row.id, "request")).toString(), "QUIT\r\n");
  t.equal((await page.body(row.id, "answer")).toString(), "220 hello\r\nQUIT\r\n");
});

void t.test(
  "magpie inspect finds the page of a session, and opens one for a mirror that compares",
  async (t) => {
    const found = await runMagpie(runtimeDirectory, ["inspect"]);
    t.same([found.code, found.text], [0, page.url.href]);
    await steal.end();
    await using shop = await ShopApp.start({ variant: "original", namespace: pod, port: 84 });
    await using local = await ShopApp.start({ variant: "local" });
    t.ok(shop.port);
    const args = ["--port", `84:${local.port}`, "--compare"];
    await using mirror = await MagpieSteal.start({ pod, runtimeDirectory, command: "mirror", args });
    const { code, text, errors } = await runMagpie(runtimeDirectory, ["inspect", "--output", "json"]);
    t.equal(code, 0, errors);
    using looked = new InspectorClient((JSON.parse(text) as { url: string }).url);
    looked.follow();
    await mirror.event("inspector");
    await client.run("curl", "-sS", "-d", "x=1", `http://${pod.address4}:84/orders`);
    const row = await looked.row(({ compared }) => compared !== null, "a compared row");
    t.match(row, {
      what: "mirrored",
      compared: "differs",
      status: 201,
      answeredBy: "the app",
      method: "POST",
    });
    const detail = await looked.detail(row.id);
    t.match([detail.answer?.status, detail.otherAnswer?.status, detail.otherAnsweredBy], [201, 500, "here"]);
    t.match(detail.differences?.[0], { place: "status", answer: "201", other: "500" });
    t.notOk(
      detail.request.headers.some(([name]) => name === "magpie-mirror"),
      "our mark is not the caller's",
    );
    t.match(looked.state?.can, { hold: false, sendTo: ["local", "original"], whyNot: /held/ });
    t.ok((await looked.body(row.id, "answer")).length > 0);
    t.ok((await looked.body(row.id, "other-answer")).length > 0);
  },
);
