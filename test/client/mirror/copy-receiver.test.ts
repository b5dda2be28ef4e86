import { once } from "node:events";
import t from "tap";
import { maxCopies, maxWaiting } from "../../../src/client/mirror/copy-receiver.ts";
import { formatPlace, parseIgnoreRule } from "../../../src/client/compare/index.ts";
import { http2Head } from "../incoming/fake-agent.ts";
import { freePort, LocalApp } from "../incoming/local-app.ts";
import { Mirrored, serve } from "./mirrored.ts";

const get = "GET /items HTTP/1.1\r\nHost: shop\r\nX-User: alice\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

void t.test("a copy reaches the program marked, and the agent hears of no answer", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const copy = mirrored.wholeCopy(get, { requestId: "r-7" });
  const peer = await (await local.next()).got("\r\n\r\n");
  t.equal(peer.text, get.replace("\r\n\r\n", "\r\nmagpie-mirror: r-7\r\n\r\n"));
  t.equal(peer.ended, "open", "the end of a request is no FIN: somebody waits for the answer");
  peer.socket.write(`${ok}no`);
  await copy.over();
  t.same(copy.events, ["accepted", "end"]);
  t.same(mirrored.ends, [{ how: "answered" }]);
});

void t.test(
  "a body is delivered as it is copied, and what the program says early stops nothing",
  async (t) => {
    await using local = await LocalApp.start();
    await using mirrored = new Mirrored({ port: local.port });
    const copy = mirrored.copy("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n", { requestId: "1" });
    copy.stream?.write(Buffer.from("half"));
    const peer = await (await local.next()).got("half");
    peer.socket.write(`${ok}no`);
    await copy.until(({ events }) => events.includes("end"));
    copy.stream?.write(Buffer.from("rest"));
    copy.stream?.end();
    await peer.got("halfrest");
    t.same(copy.events, ["accepted", "end"]);
  },
);

void t.test("a copy that nobody takes is reset untouched, one that is not answered later", async (t) => {
  await using nobody = new Mirrored({ port: await freePort() });
  const refused = await nobody.wholeCopy(get, { requestId: "1" }).over();
  t.match(refused.events, [/^reset local-refused/]);
  t.match(nobody.ends, [{ how: "failed", code: "local-refused", isDelivered: false }]);

  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
  const closed = mirrored.wholeCopy(post, { requestId: "1" });
  const peer = await (await local.next()).got("magpie-mirror");
  peer.socket.destroy();
  await closed.over();
  t.match(closed.events, ["accepted", /^reset local-closed/]);
  t.match(mirrored.ends, [{ how: "failed", isDelivered: true }]);
});

void t.test("what the agent takes back is cancelled at the program at once, and is no pair", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const copy = mirrored.copy("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", { requestId: "1" });
  const peer = await (await local.next()).got("magpie-mirror");
  copy.stream?.reset("flow-control", "there was no room for the rest");
  await peer.until(({ ended }) => ended === "reset");
  mirrored.answer(ok, { requestId: "1", content: "ok" });
  await mirrored.settled();
  t.match(mirrored.ends, [{ how: "withdrawn", code: "flow-control" }]);
  t.same(mirrored.compared, []);
});

void t.test("an answer without an end is cut when its time is over, and was delivered", async (t) => {
  await using local = await serve((_request, response) => {
    const timer = setInterval(() => response.write("data: tick\n\n"), 5);
    response.once("close", () => clearInterval(timer));
  });
  await using mirrored = new Mirrored({ port: local.port, answerTimeoutMs: 100 });
  const copy = await mirrored.wholeCopy(get, { requestId: "1" }).over();
  t.same(copy.events, ["accepted", "end"]);
  t.same(mirrored.ends, [{ how: "cut" }]);
  mirrored.answer(ok, { requestId: "1", content: "ok" });
  await mirrored.settled();
  t.match(mirrored.compared, [
    { comparison: { incomparable: [{ code: "local-cut", text: /longer than 100 ms/ }] } },
  ]);
});

void t.test("a program that never answers fails in its time, and the pair says so", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port, answerTimeoutMs: 50 });
  const copy = mirrored.wholeCopy(get, { requestId: "1" });
  mirrored.answer(ok, { requestId: "1", content: "ok" });
  const peer = await local.next();
  await copy.over();
  t.match(copy.events, ["accepted", /^reset local-timeout/]);
  await peer.until(({ ended }) => ended === "reset");
  t.match(mirrored.compared, [
    { comparison: { verdict: "incomparable", incomparable: [{ code: "local-none" }] } },
  ]);
  t.ok(mirrored.comparing.isUnanswered);
});

void t.test("above 256 copies wait for their turn, and above 1,024 of these they are refused", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const copies = Array.from({ length: maxCopies }, (_, index) =>
    mirrored.wholeCopy(get, { requestId: `${index}` }),
  );
  const [next, withdrawn, ...others] = Array.from({ length: maxWaiting }, (_, index) =>
    mirrored.wholeCopy(get, { requestId: `waiting ${index}` }),
  );
  const extra = await mirrored.wholeCopy(get, { requestId: "extra" }).over();
  t.match(extra.events, [/^reset refused: 256 copies/]);
  withdrawn?.stream?.reset("cancelled");
  const inItsPlace = mirrored.wholeCopy(get, { requestId: "in its place" });
  const lasting = mirrored.copy("", { requestId: "tcp", kind: "tcp" });
  await lasting.until(({ events }) => events.length > 0);
  t.same(lasting.events, ["accepted"], "a connection that may last does not count among them");
  for (const copy of [next, ...others, inItsPlace]) t.same(copy?.events, [], "nothing is said of who waits");
  const peer = await (await local.next()).got("magpie-mirror");
  peer.socket.end(`${ok}no`);
  await Promise.race(copies.map((copy) => copy.over()));
  await next?.until(({ events }) => events.length > 0);
  t.same(next?.events, ["accepted"], "who has waited longest is next");
  t.same(others[0]?.events, []);
});

void t.test(
  "both answers to a request are compared, whoever is first, and however they are framed",
  async (t) => {
    await using local = await serve((request, response) => {
      response.setHeader("Content-Type", "application/json");
      if (request.url === "/other") response.statusCode = 500;
      response.write('{"price": 12,');
      response.end('"name":"cup"}');
    });
    await using mirrored = new Mirrored({ port: local.port });
    const head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\nKeep-Alive: timeout=9\r\n\r\n";
    const content = '{"name":"cup", "price": 12 }';
    mirrored.wholeCopy(get, { requestId: "1" });
    mirrored.answer(head, { requestId: "1", content });
    await mirrored.settled({ compared: 1 });
    const late = mirrored.wholeCopy(get.replace("/items", "/other"), { requestId: "2" });
    await late.over();
    mirrored.answer(head, { requestId: "2", content });
    await mirrored.settled({ compared: 1 });
    t.match(
      mirrored.compared.map(({ request, comparison }) => [request.target, request.id, comparison.verdict]),
      [
        ["/items", "1", "same"],
        ["/other", "2", "differs"],
      ],
    );
    t.same(
      mirrored.compared[1]?.comparison.differences.map(({ place }) => formatPlace(place)),
      ["status"],
    );
  },
);

void t.test("an original of HTTP/2 and a program of HTTP/1.1 differ in what they say only", async (t) => {
  await using local = await serve((request, response) => {
    t.equal(request.headers["magpie-mirror"], "1");
    response.sendDate = false;
    response.setHeader("Content-Type", "text/plain");
    response.setHeader("Connection", "keep-alive");
    response.setHeader("Trailer", "x-sum");
    response.addTrailers({ "x-sum": "7" });
    response.end("hello");
  });
  await using mirrored = new Mirrored({ port: local.port });
  const about = { requestId: "1", kind: "http2" } as const;
  const copy = mirrored.wholeCopy(http2Head({ path: "/a", fields: [["te", "trailers"]] }), about);
  mirrored.answer2(
    [
      [":status", "200"],
      ["content-type", "text/plain"],
    ],
    { requestId: "1", content: Buffer.from("hello"), trailers: [["x-sum", "7"]] },
  );
  await copy.over();
  await mirrored.settled({ compared: 1 });
  const [compared] = mirrored.compared;
  t.match(compared?.comparison, { verdict: "same", differences: [] });
});

void t.test("what --ignore names does not count", async (t) => {
  await using local = await serve((_request, response) => response.setHeader("x-node", "b").end("same"));
  await using mirrored = new Mirrored({ port: local.port, ignore: [parseIgnoreRule("header:x-node")] });
  mirrored.wholeCopy(get, { requestId: "1" });
  mirrored.answer("HTTP/1.1 200 OK\r\nx-node: a\r\nContent-Length: 4\r\n\r\n", {
    requestId: "1",
    content: "same",
  });
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { verdict: "same", counts: { hidden: { rule: 1 } } } }]);
});

void t.test("a switch of protocols is compared by its head, and what follows is delivered", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const upgrade =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n";
  const switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const copy = mirrored.copy(upgrade, { requestId: "1" });
  const peer = await (await local.next()).got("magpie-mirror");
  peer.socket.write(switched);
  mirrored.answer(switched, { requestId: "1" });
  copy.stream?.write(Buffer.from("frame"));
  await peer.got("frame");
  peer.socket.write("answered");
  copy.stream?.end();
  await peer.until(({ ended }) => ended === "fin");
  peer.socket.end();
  await copy.over();
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { verdict: "same" } }]);
  t.same(copy.events, ["accepted", "end"]);
});

void t.test("a connection that is not HTTP is copied byte for byte, and compared with nothing", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  const copy = mirrored.copy("", { requestId: "1", kind: "tcp" });
  copy.stream?.write(Buffer.from("hello"));
  const peer = await (await local.next()).got("hello");
  peer.socket.write("unheard");
  copy.stream?.end();
  await peer.until(({ ended }) => ended === "fin");
  peer.socket.end();
  await copy.over();
  t.equal(peer.text, "hello");
  t.same(copy.events, ["accepted", "end"]);
  t.same(mirrored.compared, []);
});

void t.test("an answer of the app that is cut, or that nobody waits for, harms nothing", async (t) => {
  await using local = await serve((_request, response) => response.end("ok"));
  await using mirrored = new Mirrored({ port: local.port });
  const stranger = mirrored.answer(ok, { requestId: "nobody", content: "ok" });
  await stranger.until(({ events }) => events.includes("end"));
  mirrored.wholeCopy(get, { requestId: "1" });
  const cut = mirrored.agent.steal(ok, { copy: "answer", requestId: "1" });
  // Its content has been read once its credit is back.
  const drained = once(cut.drained, "drain");
  cut.stream?.write(Buffer.alloc(200_000));
  await drained;
  cut.stream?.reset("flow-control", "there was no room");
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { incomparable: [{ code: "original-cut", text: /no room/ }] } }]);
  t.notOk(mirrored.comparing.isUnanswered, "it is not the program's fault");
});

void t.test(
  "a request that another session answers is delivered, and no answer of the app waited for",
  async (t) => {
    await using local = await serve((_request, response) => response.end("ok"));
    await using mirrored = new Mirrored({ port: local.port });
    const copy = mirrored.wholeCopy(get, { requestId: "1", copy: "stolen-request" });
    await copy.over();
    t.same(copy.events, ["accepted", "end"]);
    t.same([mirrored.agent.receiver.count, mirrored.stolen], [0, 1]);
    await mirrored.settled();
    t.same(mirrored.compared, []);
  },
);

void t.test("at the end what is under way is cancelled and blamed on nobody", async (t) => {
  await using local = await LocalApp.start();
  await using mirrored = new Mirrored({ port: local.port });
  mirrored.wholeCopy(get, { requestId: "1" });
  mirrored.answer(ok, { requestId: "1", content: "ok" });
  const peer = await (await local.next()).got("magpie-mirror");
  t.equal(mirrored.agent.receiver.count, 2);
  mirrored.agent.receiver.close();
  await peer.until(({ isClosed }) => isClosed);
  t.same([mirrored.agent.receiver.count, mirrored.unfinished], [0, 1]);
  t.equal(mirrored.comparing.report().pairs.total, 0);
  t.notOk(mirrored.comparing.isUnanswered);
});
