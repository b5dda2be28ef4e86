import t from "tap";
import { seededRandom, splitEvery, splitRandomly } from "../../fixtures/byte-splits.ts";
import { InboundStage, type RawEnd } from "./inbound-stage.ts";

const MINE = "header(x-user) == ann";
const get = (path = "/") => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const head = (...lines: string[]) => `${["HTTP/1.1 200 OK", ...lines].join("\r\n")}\r\n\r\n`;
const ok = (body = "ok", ...lines: string[]) => head(...lines, `Content-Length: ${body.length}`) + body;
const last = (body = "ok") => head(`Content-Length: ${body.length}`, "Connection: close") + body;

/** Sends pieces so that each is a read of its own, as far as loopback allows. */
async function sendInPieces(end: RawEnd, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => end.socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A client with its connection to the app, on which one exchange is over. */
async function kept(stage: InboundStage): Promise<{ client: RawEnd; app: RawEnd }> {
  const client = await stage.connect();
  const app = await stage.app();
  client.send(get("/first"));
  await app.got("/first");
  app.send(ok("first"));
  await client.got("first");
  client.text = app.text = "";
  return { client, app };
}

const leave = (stage: InboundStage) => {
  for (const connection of stage.connections) connection.drain();
};

void t.test("RFC 9112 §9.6: the answer to the next request says close, and FIN is behind it", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  for (const [lines, said] of [
    [[], ["Connection: close"]],
    [["Connection: keep-alive"], ["Connection: close"]],
    [["Connection: x"], ["Connection: close", "Connection: x"]],
  ] as const) {
    const { client, app } = await kept(stage);
    leave(stage);
    client.send(get("/next"));
    await app.got("/next");
    app.send(head("A:b", "Content-Length: 2", ...lines) + "ok");
    await client.over("fin");
    t.equal(client.text, head("A:b", "Content-Length: 2", ...said) + "ok");
    t.equal(app.text, get("/next"), "the app sees the request as it was sent");
    await app.over("fin");
  }
});

void t.test("wherever the answer is cut, it is the same, and interim answers pass", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const random = seededRandom(7);
  const interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  const chunked =
    head("Connection: a, keep-alive", "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\nT: u\r\n\r\n";
  const wanted = interim + chunked.replace("keep-alive", "close");
  const whole = Buffer.from(interim + chunked);
  const cuts = [
    splitEvery(whole, 1),
    ...Array.from({ length: 8 }, () => splitRandomly(whole, { cuts: 5, random })),
  ];
  for (const pieces of cuts) {
    const { client, app } = await kept(stage);
    leave(stage);
    client.send(get("/next"));
    await app.got("/next");
    await sendInPieces(app, pieces);
    await client.over("fin");
    t.equal(client.text, wanted);
  }
});

void t.test(
  "an answer whose head is half sent when leaving begins says close all the same, or goes on",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const answer = head("A: b", "Content-Length: 2") + "ok";
    for (const [sent, isLast] of [
      [5, true],
      [answer.indexOf("\r\n\r\n") + 2, true],
      [answer.indexOf("\r\n\r\n") + 3, false],
      [answer.length - 1, false],
    ] as const) {
      const { client, app } = await kept(stage);
      client.send(get("/next"));
      await app.got("/next");
      app.send(answer.slice(0, sent));
      await client.got(answer.slice(0, sent));
      leave(stage);
      app.send(answer.slice(sent));
      if (isLast) await client.over("fin");
      else await client.got(answer);
      t.equal(client.text, isLast ? head("A: b", "Content-Length: 2", "Connection: close") + "ok" : answer);
      if (isLast) continue;
      client.send(get("/again"));
      await app.got("/again");
      app.send(ok("end"));
      await client.over("fin");
      t.equal(client.text, answer + last("end"), "then the next one does");
    }
  },
);

void t.test("of requests that were pipelined only the last is told, and none is lost", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  leave(stage);
  client.send(get("/a") + get("/b") + get("/c").slice(0, 20));
  await app.got("/b");
  app.send(ok("a") + ok("b"));
  await client.got(ok("a") + ok("b"));
  client.send(get("/c").slice(20));
  await app.got("/c");
  app.send(ok("c"));
  await client.over("fin");
  t.equal(client.text, ok("a") + ok("b") + last("c"));
});

void t.test("RFC 9112 §9.6: what is asked behind an answer with close reaches nobody", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  leave(stage);
  client.send(get("/next"));
  await app.got("/next");
  app.send(head("Content-Length: 4") + "wh");
  await client.got("wh");
  client.send(get("/late"));
  // It is read before what follows: both come through one event loop.
  await new Promise((resolve) => setTimeout(resolve, 20));
  app.send("ol");
  await client.over("fin");
  t.equal(client.text, last("whol").replace("Content-Length: 2", "Content-Length: 4"));
  await app.over("fin");
  t.equal(app.text, get("/next"));
});

void t.test("an answer that comes before its request is whole leaves the connection open", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  leave(stage);
  client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  await app.got("bo");
  app.send(ok("early"));
  await client.got(ok("early"));
  client.send("dy" + get("/next"));
  await app.got("/next");
  app.send(ok());
  await client.over("fin");
  t.equal(client.text, ok("early") + last());
});

void t.test(
  "what can be read in two ways, is cut, or switches the protocol passes byte for byte",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    for (const [answer, then] of [
      [`${head("Content-Length: 2", "Transfer-Encoding: chunked")}junk`, "keep"],
      ["SSH-2.0 is no HTTP\r\n\r\nat all", "keep"],
      [`HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes`, "keep"],
      ["HTTP/1.1 200 OK\r\nContent-Le", "fin"],
      [`${head("X: y")}until the end`, "fin"],
      [`${head("Content-Length: 4", "Connection: close")}mine`, "fin"],
    ] as const) {
      const { client, app } = await kept(stage);
      leave(stage);
      client.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
      await app.got("/next");
      await sendInPieces(app, splitEvery(Buffer.from(answer), 7));
      if (then === "fin") app.socket.end();
      if (then === "fin") await client.over("fin");
      else await client.got(answer.slice(-4));
      t.equal(client.text, answer);
    }
  },
);

void t.test("a stolen answer is the last as well, unless more was asked", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  leave(stage);
  const mine = "GET /mine HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n";
  client.send(mine + get("/b"));
  (await stage.session.next()).accept().respond(head("Content-Length: 1")).data("1").finish();
  await app.got("/b");
  app.send(ok("b").replace("200", "201"));
  await client.over("fin");
  t.equal(client.text, head("Content-Length: 1") + "1" + last("b").replace("200", "201"));
  const other = await kept(stage);
  leave(stage);
  other.client.send(mine);
  (await stage.session.next()).accept().respond(head("Content-Length: 1")).data("1").finish();
  await other.client.over("fin");
  t.equal(other.client.text, last("1"));
});

void t.test("an idle connection is closed with FIN on both sides; one that is busy is not", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  client.send(get("/next"));
  await app.got("/next");
  for (const connection of stage.connections) connection.closeIdle();
  app.send(ok());
  await client.got(ok());
  for (const connection of stage.connections) connection.closeIdle();
  await client.over("fin");
  await app.over("fin");
  t.equal(client.text, ok());
});

void t.test("an answer that is cut behind its head does not look whole for it", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const { client, app } = await kept(stage);
  leave(stage);
  client.send(get("/next"));
  await app.got("/next");
  app.send(head("Content-Length: 9") + "cut");
  app.socket.end();
  await client.over("fin");
  t.equal(client.text, head("Content-Length: 9", "Connection: close") + "cut");
});
