import t from "tap";
import { seededRandom, splitEvery, splitRandomly } from "../../fixtures/byte-splits.ts";
import { InboundStage, type RawEnd } from "./inbound-stage.ts";
import { ScriptedSession } from "./scripted-session.ts";

const MINE = "header(x-user) == ann";
const mine = (path = "/mine") => `GET ${path} HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n`;
const other = (path = "/other") => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Sends pieces so that each is a read of its own, as far as loopback allows. */
async function sendInPieces(end: RawEnd, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => end.socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

void t.test("what is not stolen passes byte for byte, in both directions, whatever the splits", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const random = seededRandom(5);
  const request = Buffer.from(
    "\r\nPOST /a//b HTTP/1.1\r\nhOST:a \r\nX-USER:  bob\t\r\nTransfer-Encoding: chunked\r\n\r\n" +
      '4;q="x"\r\nwiki\r\n0\r\nX-Sum:1\r\n\r\n' +
      "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhelloHEAD /h HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  const answer = Buffer.from(
    "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 None\r\nX:y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
  );
  for (let round = 0; round < 12; round++) {
    const client = await stage.connect();
    const app = await stage.app();
    const cut = (bytes: Buffer) => splitRandomly(bytes, { cuts: 1 + round, random });
    await sendInPieces(client, cut(request));
    await app.until(({ bytes }) => bytes >= request.length);
    t.equal(app.text, request.toString("latin1"));
    await sendInPieces(app, cut(answer));
    await client.until(({ bytes }) => bytes >= answer.length);
    t.equal(client.text, answer.toString("latin1"));
    client.socket.destroy();
  }
  t.equal(stage.session.streams.length, 0);
  t.same(
    stage.records.slice(0, 3).map(({ verdict, status }) => [verdict, status]),
    [
      ["original", 200],
      ["original", 204],
      ["original", 200],
    ],
  );
});

void t.test(
  "a head is held until it is whole and decided: the app sees no byte of a stolen one",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    await sendInPieces(client, splitEvery(Buffer.from(mine()), 1));
    const stream = await stage.session.next();
    t.equal(stream.head, mine());
    stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").data("mine").finish();
    await client.got("\r\n\r\nmine");
    client.send(other());
    await app.got(other());
    t.equal(app.text, other());
  },
);

void t.test(
  "RFC 9112 §9.3.2: a stolen request waits until every answer before it has been sent",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(other("/1") + other("/2") + mine("/3") + other("/4"));
    await app.got(other("/2"));
    app.send(ok("one"));
    await client.got("one");
    t.equal(stage.session.streams.length, 0, "the second answer is still due");
    t.equal(app.text, other("/1") + other("/2"));
    app.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n");
    await client.got("two");
    t.equal(stage.session.streams.length, 0, "its body is not over");
    app.send("0\r\n\r\n");
    const stream = await stage.session.next();
    t.equal(stream.head, mine("/3"));
    t.equal(app.text, other("/1") + other("/2"), "what is behind the stolen request waits for it");
    stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").data("three").finish();
    await app.got(other("/4"));
    app.send(ok("four"));
    await client.got("four");
    t.match(client.text, /one[^]*two[^]*three[^]*four$/);
  },
);

void t.test("requests of several sessions on one connection are answered in their order", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const bob = new ScriptedSession({ id: "s2", name: "bob" });
  stage.subscribe("header(x-user) == bob", { session: bob });
  const client = await stage.connect();
  client.send(mine("/1") + mine("/2").replace("ann", "bob") + mine("/3"));
  for (const [session, name] of [
    [stage.session, "1"],
    [bob, "2"],
    [stage.session, "3"],
  ] as const) {
    const stream = await session.next();
    t.match(stream.head, `GET /${name} `);
    t.equal(stage.session.streams.length + bob.streams.length, Number(name), "one at a time");
    stream.accept().respond(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n`).data(name).finish();
    await client.until(({ text }) => text.split("HTTP/1.1 200").length === Number(name) + 1);
  }
  t.match(client.text, /\r\n\r\n1HTTP[^]*\r\n\r\n2HTTP[^]*\r\n\r\n3$/);
});

void t.test(
  "FIN of a client whose stolen request waits is acted on behind that request's answer",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(other() + mine());
    client.socket.end();
    await app.got(other());
    app.send(ok("one"));
    const stream = await stage.session.next();
    t.equal(app.ended, "open", "the app is not told before the exchanges are over");
    stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").data("two").finish();
    await app.over("fin");
    t.match(client.text, /one[^]*two$/);
    app.socket.end();
    await client.over("fin");
    await stage.closed(1);
  },
);

void t.test(
  "half-close of a client behind a whole request reaches the app, and its answer the client",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(other());
    client.socket.end();
    await app.over("fin");
    t.equal(app.text, other());
    app.send(ok("late"));
    app.socket.end();
    await client.over("fin");
    t.match(client.text, /late$/);
    await stage.closed(1);
  },
);

void t.test("a head that is cut by FIN is the app's to refuse", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send("GET / HTTP/1.1\r\nX-User: ann\r\n");
  client.socket.end();
  await app.over("fin");
  t.equal(app.text, "GET / HTTP/1.1\r\nX-User: ann\r\n");
  t.same(
    stage.records.map(({ verdict, reason }) => [verdict, reason]),
    [],
  );
  app.socket.end();
  await stage.closed(1);
  t.same(
    stage.records.map(({ verdict, reason }) => [verdict, reason]),
    [["opaque", "client-ended-early"]],
  );
});

for (const [what, request, ambiguity] of [
  ["two Content-Lengths", "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "repeated-content-length"],
  [
    "Content-Length with Transfer-Encoding",
    "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "content-length-with-transfer-encoding",
  ],
  ["a folded line", "X: a\r\n b\r\n\r\n", "folded-field-line"],
  ["a blank before the colon", "X : a\r\n\r\n", "blank-before-colon"],
  ["a bare LF", "X: a\n\r\n\r\n", "bare-cr-or-lf"],
  ["another coding", "Transfer-Encoding: gzip, chunked\r\n\r\n", "unsupported-transfer-encoding"],
] as const) {
  void t.test(`RFC 9112 §11.2: ${what}: no decision, the connection is opaque to its end`, async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const sent = `POST / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n${request}`;
    client.send(sent + mine());
    await app.got(mine());
    t.equal(app.text, sent + mine());
    app.send("anything at all\n");
    await client.got("anything at all\n");
    client.send("\0raw");
    await app.got("\0raw");
    t.equal(stage.session.streams.length, 0);
    client.socket.destroy();
    app.socket.destroy();
    await stage.closed(1);
    t.same(
      stage.records.map(({ verdict, reason }) => [verdict, reason]),
      [["opaque", `ambiguous-request: ${ambiguity}`]],
    );
  });
}

void t.test(
  "RFC 9112 §7.1: a malformed chunk on its way to the app makes the rest opaque, untouched",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const sent = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n";
    client.send(sent + mine());
    await app.got(mine());
    t.equal(app.text, sent + mine());
    t.equal(stage.session.streams.length, 0);
  },
);

void t.test("an ambiguous response makes the connection opaque", async (t) => {
  for (const [answer, reason] of [
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "repeated-content-length"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed-chunk"],
    ["ICY 200 OK\r\n\r\n", "malformed-start-line"],
    [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`, "head-too-large"],
  ] as const) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(other());
    await app.got(other());
    app.send(answer);
    await client.until(({ bytes }) => bytes >= answer.length);
    t.equal(client.text, answer);
    client.send(mine());
    await app.got(mine());
    t.equal(stage.session.streams.length, 0, reason);
    client.socket.destroy();
    app.socket.destroy();
    await stage.closed(1);
    t.equal(stage.records.at(-1)?.reason, `ambiguous-response: ${reason}`);
  }
});

void t.test("an answer nobody asked for makes the connection opaque", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(other());
  await app.got(other());
  app.send(ok("one") + ok("more"));
  await client.got("more");
  client.send(mine());
  await app.got(mine());
  t.equal(stage.session.streams.length, 0);
});

void t.test("a head above 64 KB is not held: it goes to the app, and so does all that follows", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  const head = `GET / HTTP/1.1\r\nX-User: ann\r\nX-Long: ${"x".repeat(65_536)}`;
  client.send(head);
  await app.until(({ bytes }) => bytes >= head.length);
  client.send(`\r\n\r\n${mine()}`);
  await app.got(mine());
  t.equal(app.text, `${head}\r\n\r\n${mine()}`);
  t.equal(stage.session.streams.length, 0);
});

void t.test("a head of exactly 64 KB is decided", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const start = "GET / HTTP/1.1\r\nX-User: ann\r\nX-Long: ";
  const head = `${start}${"x".repeat(65_536 - start.length - 4)}\r\n\r\n`;
  client.send(head);
  const stream = await stage.session.next();
  t.equal(stream.head.length, 65_536);
});

void t.test(
  "101: bytes that the client sent behind its upgrade are held until the app has answered",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    client.send(`${upgrade}${mine()}`);
    await app.got(upgrade);
    t.equal(app.text, upgrade, "they may be a request, or the new protocol's");
    app.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello");
    await app.got(mine());
    await client.got("hello");
    t.equal(stage.session.streams.length, 0, "after the switch nothing is a request");
  },
);

void t.test("an upgrade that the app refuses leaves the connection to requests", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  const upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  client.send(`${upgrade}${mine()}`);
  await app.got(upgrade);
  app.send(ok("no"));
  const stream = await stage.session.next();
  t.equal(stream.head, mine());
  t.equal(app.text, upgrade);
});

void t.test("CONNECT: 2xx switches to bytes, and 2xx has no body whatever it says", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(`CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n${mine()}`);
  await app.got("CONNECT");
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  await app.got(mine());
  t.equal(stage.session.streams.length, 0);
});

void t.test(
  "RFC 9110 §10.1.1: a final answer before the expected body makes the connection opaque",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    client.send(head);
    await app.got(head);
    app.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    await client.got("417");
    // Nobody can tell whether this is the body or the next request.
    client.send(mine());
    await app.got(mine());
    t.equal(stage.session.streams.length, 0);
  },
);

void t.test("RFC 9110 §10.1.1: after 100 the body goes on, and the next request is read", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  await app.got("\r\n\r\n");
  app.send("HTTP/1.1 100 Continue\r\n\r\n");
  await client.got("100");
  client.send("hello");
  await app.got("hello");
  app.send(ok("done"));
  await client.got("done");
  client.send(mine());
  t.equal((await stage.session.next()).head, mine());
});

void t.test("a session that is over by the time of the decision leaves the request to the app", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  stage.session.isOver = true;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(mine());
  await app.got(mine());
  app.send(ok("app"));
  await client.got("app");
  t.equal(client.text, ok("app"));
});

void t.test("a port without subscriptions any more is the app's, on connections that are open", async (t) => {
  await using stage = await InboundStage.start();
  const subscription = stage.subscribe(MINE);
  const client = await stage.connect();
  const app = await stage.app();
  client.send(mine("/1"));
  const stream = await stage.session.next();
  stage.routes.remove(subscription);
  stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").data("1").finish();
  client.send(mine("/2"));
  await app.got("/2");
  t.equal(app.text, mine("/2"));
});

void t.test("each decision is told once, with who got it, why, and the answer's status", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(other("/a?b"));
  await app.got("/a?b");
  app.send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
  await client.got("404");
  client.send(mine());
  const stream = await stage.session.next();
  stream.accept().respond("HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n").finish();
  await client.got("201");
  t.match(stage.records, [
    { verdict: "original", method: "GET", target: "/a?b", status: 404, session: null, subscription: null },
    { verdict: "stolen", method: "GET", target: "/mine", status: 201, session: "s1", subscription: 1 },
  ]);
  for (const { reason } of stage.records) t.match(reason, /x-user.*session s1.*ann, revision \d+\)/i);
  t.equal(stage.records.length, 2);
});

void t.test("RFC 9112 §9.6: what follows a request with close belongs to nobody but the app", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${mine()}`);
  await app.got("close");
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbye");
  app.socket.end();
  await client.over("fin");
  t.match(client.text, /bye$/);
  t.equal(stage.session.streams.length, 0, "a server processes no further request (RFC 9112 §9.6)");
});

void t.test("RFC 9112 §9.6: a request that waited behind an answer with close is not stolen", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(other() + mine());
  await app.got(other());
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbye");
  await app.got(mine());
  app.socket.end();
  await client.over("fin");
  t.equal(stage.session.streams.length, 0);
});
