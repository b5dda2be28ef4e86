import t from "tap";
import { splitAt } from "../../fixtures/byte-splits.ts";
import { InboundStage, type RawEnd } from "./inbound-stage.ts";
import type { ScriptedStream } from "./scripted-session.ts";

const MINE = "header(x-user) == ann";
const get = "GET /mine HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n";
const bystander = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n";
const post = (bytes: number) =>
  `POST /mine HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nContent-Length: ${bytes}\r\n\r\n`;
const chunkedPost = "POST /mine HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nTransfer-Encoding: chunked\r\n\r\n";

async function sendInPieces(end: RawEnd, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise((resolve) => end.socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

void t.test("the opening names who connected, where to, and the connection", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(get);
  const { meta } = await stage.session.next();
  t.match(meta, {
    copy: "none",
    kind: "http1",
    subscription: 1,
    port: stage.port,
    peer: { address: "127.0.0.1", port: client.socket.localPort },
    original: { address: "127.0.0.1", port: stage.port },
    connection: stage.connections[0]?.id,
  });
});

void t.test(
  "chunked content reaches the session unframed, and the trailers, though empty, mark its end",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(`${chunkedPost}5;ext=1\r\nhello\r\n`);
    const stream = await stage.session.next();
    await stream.got("hello");
    t.same(stream.said, ["data"], "not before all of it has come");
    client.send("006\r\n world\r\n0\r\nX-Sum: 1\r\nx-Two:2\r\n\r\n");
    await stream.until(({ said }) => said.length > 1);
    t.equal(stream.text, "hello world");
    t.same(stream.said, ["data", "trailers X-Sum: 1\r\nx-Two:2\r\n"]);
    stream.accept().respond("HTTP/1.1 204 No\r\n\r\n").finish();
    client.send(`${chunkedPost}0\r\n\r\n`);
    t.same((await stage.session.next()).said, ["trailers "]);
  },
);

void t.test("END is the caller's own FIN, or the end of the exchange", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(`${post(5)}hello`);
  const stream = await stage.session.next();
  await stream.got("hello");
  t.same(stream.said, ["data"], "the length was announced");
  stream.accept().respond("HTTP/1.1 204 No\r\n\r\n").finish();
  await client.got("204");
  t.same(stream.said, ["data", "end"]);
  client.send(get);
  client.socket.end();
  const last = await stage.session.next();
  await last.until(({ said }) => said.includes("end"));
  last.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").data("last").finish();
  await client.got("last");
});

void t.test("interim responses are passed on as they came, but not to a client of HTTP/1.0", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(get);
  const stream = await stage.session.next();
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
  stream.accept().interim(hints).interim(hints);
  await client.until(({ bytes }) => bytes === 2 * hints.length);
  t.equal(client.text, hints + hints);
  const old = await stage.connect();
  old.send("GET / HTTP/1.0\r\nX-User: ann\r\n\r\n");
  (await stage.session.next())
    .accept()
    .interim(hints)
    .respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    .data("ok")
    .finish();
  await old.over("fin");
  t.equal(old.text, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
});

void t.test(
  "a response of unknown length is chunked, with its trailers; an HTTP/1.0 client gets it until close",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(get);
    (await stage.session.next())
      .accept()
      .respond("HTTP/1.1 200 OK\r\nX-a: 1\r\n\r\n")
      .data("hello")
      .data("!")
      .trailers("X-Sum: 1\r\n")
      .finish();
    await client.got("0\r\nX-Sum: 1\r\n\r\n");
    t.equal(
      client.text,
      "HTTP/1.1 200 OK\r\nX-a: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    const old = await stage.connect();
    old.send("GET / HTTP/1.0\r\nX-User: ann\r\nConnection: keep-alive\r\n\r\n");
    (await stage.session.next()).accept().respond("HTTP/1.1 200 OK\r\n\r\n").data("hello").finish();
    await old.over("fin");
    t.equal(old.text, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
  },
);

// --- the failure table ---

for (const code of ["local-refused", "local-stranger", "refused"] as const) {
  void t.test(`an offer that ends with ${code} goes to the app byte for byte`, async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(post(5));
    client.send("he");
    const stream = await stage.session.next();
    await stream.got("he");
    stream.fail(code, "nothing listens on 8080");
    await app.got("he");
    client.send(`llo${bystander}`);
    await app.got(bystander);
    t.equal(app.text, `${post(5)}hello${bystander}`);
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
    await client.got("app");
    t.match(stage.records[0], {
      verdict: "original",
      status: 200,
      failure: `${code}: nothing listens on 8080`,
    });
  });
}

void t.test(
  "whatever the split of its chunked body, a refused request is replayed as it was sent",
  async (t) => {
    const body = "4;a=b\r\nwiki\r\n0005\r\npedia\r\n0\r\nX-T: 1\r\n\r\n";
    const request = Buffer.from(chunkedPost + body);
    for (let at = chunkedPost.length; at <= request.length; at += 3) {
      await using stage = await InboundStage.start({ steal: MINE });
      const client = await stage.connect();
      const app = await stage.app();
      const [before = request, after] = splitAt(request, [at]);
      await sendInPieces(client, splitAt(before, [at - 7, at - 2]));
      const stream = await stage.session.next();
      stream.fail("local-refused");
      if (after !== undefined) await sendInPieces(client, [after]);
      client.send(get);
      await app.until(({ bytes }) => bytes >= request.length);
      app.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      t.equal((await stage.session.next()).head, get, "and the connection goes on");
      t.equal(app.text, request.toString("latin1"), `refused behind byte ${at}`);
    }
  },
);

void t.test("RFC 9110 §9.2.2: a lost session gives only what is idempotent to the app", async (t) => {
  for (const [method, goesOn] of [
    ["GET", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
    ["get", false],
  ] as const) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const request = get.replace("GET", method);
    client.send(request);
    (await stage.session.next()).fail("session-closed");
    if (goesOn) {
      await app.got(request);
      continue;
    }
    await client.over("fin");
    t.match(client.text, /^HTTP\/1\.1 502 /);
    t.match(client.text, "Magpie-Error: session-closed\r\n");
    t.equal(app.text, "");
  }
});

void t.test("onLocalFailure error: the caller gets 502 instead of the app's answer", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE, onLocalFailure: "error" });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(get);
  (await stage.session.next()).fail("local-refused", "port 8080");
  await client.over("fin");
  t.match(client.text, /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*Magpie-Error: local-refused\r\n[^]*port 8080/);
  t.equal(app.text, "");
  client.socket.destroy();
  await stage.closed(1);
  t.match(stage.records, [{ verdict: "stolen", status: 502, failure: "local-refused: port 8080" }]);
});

void t.test(
  "an offer that fails otherwise, or after it was accepted, is a 502: nothing is sent twice",
  async (t) => {
    for (const [accepts, code] of [
      [false, "internal"],
      [false, "cancelled"],
      [true, "local-refused"],
      [true, "local-closed"],
      [true, "local-timeout"],
      [true, "session-closed"],
    ] as const) {
      await using stage = await InboundStage.start({ steal: MINE });
      const client = await stage.connect();
      const app = await stage.app();
      client.send(get);
      const stream = await stage.session.next();
      if (accepts) stream.accept();
      stream.fail(code);
      await client.over("fin");
      t.match(client.text, new RegExp(`^HTTP/1\\.1 502 [^]*Magpie-Error: ${code}\r\n`));
      t.equal(app.text, "", code);
    }
  },
);

void t.test(
  "a failure while the body is on its way is a 502, and the rest of the body is not answered",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(`${post(1_000_000)}abc`);
    const stream = await stage.session.next();
    await stream.got("abc");
    stream.accept().fail("local-closed");
    await client.got("local-closed");
    client.send("x".repeat(100_000));
    await client.over("fin");
    t.equal(client.text.split("HTTP/1.1").length, 2, "one answer");
  },
);

void t.test("RFC 9112 §8: a response that breaks off never looks whole", async (t) => {
  for (const [head, end] of [
    ["HTTP/1.1 200 OK\r\n\r\n", "fin"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "fin"],
  ] as const) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(get);
    const stream = await stage.session.next();
    stream.accept().respond(head).data("part").fail("local-closed");
    await client.over(end);
    t.match(client.text, /part/);
    t.notMatch(client.text, "\r\n0\r\n");
    t.notMatch(client.text, "502");
  }
  await using stage = await InboundStage.start({ steal: MINE });
  const old = await stage.connect();
  old.send("GET / HTTP/1.0\r\nX-User: ann\r\n\r\n");
  const stream = await stage.session.next();
  stream.accept().respond("HTTP/1.1 200 OK\r\n\r\n").data("part");
  await old.got("part");
  stream.fail("local-closed");
  // FIN would be the end of such a body.
  await old.over("reset");
});

void t.test("a response with more or less content than it announced breaks off", async (t) => {
  for (const [length, text] of [
    [3, "abcd"],
    [5, "abcd"],
    [0, "a"],
  ] as const) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(get + get);
    const stream = await stage.session.next();
    stream.accept().respond(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`).data(text).finish();
    await client.over("fin");
    t.equal(stage.session.streams.length, 1, "the connection carries no further answer");
    client.socket.destroy();
    await stage.closed(1);
    t.match(stage.records[0]?.failure, length === 5 ? /^local-closed/ : /^protocol-error/);
  }
});

void t.test("a session that breaks the protocol of a stream makes a 502", async (t) => {
  const breaches = {
    "a body before its head": (stream) => stream.accept().data("x"),
    "an end without a response": (stream) => stream.accept().finish(),
    "a head of no known kind": (stream) => stream.accept().payload(Buffer.from([9])),
    "an unreadable head": (stream) => stream.accept().respond("HTTP/1.1 200 OK\nX: y\r\n\r\n"),
    "two Content-Lengths": (stream) =>
      stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
  } satisfies Record<string, (stream: ScriptedStream) => unknown>;
  for (const [what, breach] of Object.entries(breaches)) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(get);
    const stream = await stage.session.next();
    breach(stream);
    await client.over("fin");
    t.match(client.text, /^HTTP\/1\.1 502 [^]*Magpie-Error: protocol-error\r\n/, what);
    t.match(await stream.wasReset(), /^reset protocol-error/, what);
  }
});

void t.test("a second response ends the connection", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(get);
  const stream = await stage.session.next();
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  stream.accept().respond(head).respond(head);
  await client.over("fin");
  t.equal(client.text, head);
});

void t.test(
  "RFC 9112 §7.1: a malformed chunk of a stolen request is a 400 of ours; the session is told",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(`${chunkedPost}2\r\nabX\r\n${get}`);
    await client.over("fin");
    t.match(client.text, /^HTTP\/1\.1 400 [^]*Magpie-Error: malformed-chunk/);
    const stream = await stage.session.next();
    t.match(await stream.wasReset(), /^reset cancelled/);
    t.equal(stage.session.streams.length, 1);
    t.equal(app.text, "", "the app never sees a request that was stolen in part");
  },
);

void t.test("a caller that leaves is told to the session at once, in every state", async (t) => {
  const states = {
    offered: () => undefined,
    accepted: (stream) => stream.accept(),
    answering: (stream) => stream.accept().respond("HTTP/1.1 200 OK\r\n\r\n").data("part"),
  } satisfies Record<string, (stream: ScriptedStream) => unknown>;
  for (const [name, reach] of Object.entries(states)) {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(get);
    const stream = await stage.session.next();
    reach(stream);
    client.socket.resetAndDestroy();
    t.equal(await stream.wasReset(), "reset cancelled: the caller is gone", name);
    await stage.closed(1);
    t.match(stage.records, [{ failure: "the caller is gone" }]);
  }
});

void t.test("FIN in the middle of a stolen request cancels it; behind a whole one it does not", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const cut = await stage.connect();
  cut.send(`${post(10)}abc`);
  cut.socket.end();
  t.match(await (await stage.session.next()).wasReset(), /^reset cancelled/);
  await cut.over("reset");
  const whole = await stage.connect();
  whole.send(get);
  whole.socket.end();
  const stream = await stage.session.next();
  stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").data("ok").finish();
  await whole.got("ok");
});

void t.test(
  "an answer before the request is whole ends the connection, and the session is told",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    client.send(`${post(100_000)}abc`);
    const stream = await stage.session.next();
    await stream.got("abc");
    stream.accept().respond("HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\n").data("no").finish();
    await client.over("fin");
    t.match(client.text, /413[^]*no$/);
    t.match(await stream.wasReset(), /^reset cancelled/);
  },
);

void t.test("a session that takes no more stops the caller, and lets it go on when it does", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const bytes = 40_000_000;
  client.send(post(bytes));
  const stream = await stage.session.next();
  stream.accept();
  stream.takesMore = false;
  client.send(Buffer.alloc(bytes, 120));
  await stream.until((stream) => stream.bytes > 0);
  // The kernel's buffers are full when the client's queue moves no more.
  await quiet(() => client.socket.writableLength);
  const heldAt = stream.bytes;
  t.ok(heldAt <= 256 * 1024, `one read at most was taken: ${heldAt}`);
  t.ok(client.socket.writableLength > 0);
  stream.drain();
  await stream.until((stream) => stream.bytes === bytes);
});

void t.test(
  "of a request that is only offered, 256 KB are read, and the rest once it is accepted or the app's",
  async (t) => {
    for (const outcome of ["accepted", "refused"] as const) {
      await using stage = await InboundStage.start({ steal: MINE });
      const client = await stage.connect();
      const app = await stage.app();
      const bytes = 40_000_000;
      client.send(post(bytes));
      const stream = await stage.session.next();
      client.send(Buffer.alloc(bytes, 120));
      await stream.until((stream) => stream.bytes >= 256 * 1024);
      await quiet(() => client.socket.writableLength);
      t.ok(stream.bytes <= 512 * 1024, `read ahead of acceptance: ${stream.bytes}`);
      if (outcome === "accepted") {
        stream.accept();
        await stream.until((stream) => stream.bytes === bytes);
      } else {
        stream.fail("local-refused");
        await app.until((app) => app.bytes === post(bytes).length + bytes);
      }
    }
  },
);

void t.test("a caller that reads slowly holds the session's credit back", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(get);
  const stream = await stage.session.next();
  client.socket.pause();
  stream.accept().respond("HTTP/1.1 200 OK\r\n\r\n");
  const chunk = Buffer.alloc(256 * 1024, 120);
  let sent = 0;
  while (stream.creditBytes === sent) {
    stream.data(chunk);
    sent += chunk.length;
  }
  await quiet(() => stream.creditBytes);
  t.ok(stream.creditBytes < sent, "what waits in the agent gives no credit");
  client.socket.resume();
  await stream.until((stream) => stream.creditBytes === sent);
  stream.finish();
  await client.got("0\r\n\r\n");
});

// --- upgrades ---

const upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

void t.test(
  "101: bytes behind the upgrade wait for it, then flow both ways, and each half closes by itself",
  async (t) => {
    for (const asInterim of [true, false]) {
      await using stage = await InboundStage.start({ steal: MINE });
      const client = await stage.connect();
      client.send(`${upgrade}early`);
      const stream = await stage.session.next();
      t.same(stream.said, []);
      stream.accept();
      if (asInterim) stream.interim(switching);
      else stream.respond(switching);
      await stream.got("early");
      stream.data("\0hello");
      await client.got(`${switching}\0hello`);
      client.send("more");
      client.socket.end();
      await stream.until(({ said }) => said.includes("end"));
      t.equal(stream.text, "earlymore");
      stream.data("last").finish();
      await client.over("fin");
      t.match(client.text, /last$/);
      await stage.closed(1);
      t.match(stage.records, [{ verdict: "stolen", status: 101 }]);
    }
  },
);

void t.test("CONNECT: 2xx switches to bytes", async () => {
  await using stage = await InboundStage.start({ steal: "method == CONNECT" });
  const client = await stage.connect();
  client.send("CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\nearly");
  const stream = await stage.session.next();
  stream.accept().respond("HTTP/1.1 200 OK\r\n\r\n");
  await stream.got("early");
  stream.data("back");
  await client.got("HTTP/1.1 200 OK\r\n\r\nback");
});

void t.test("an upgraded exchange that fails resets the client; a client that resets is told", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(upgrade);
  const stream = await stage.session.next();
  stream.accept().respond(switching);
  await client.got("101");
  stream.fail("local-closed");
  await client.over("reset");
  const other = await stage.connect();
  other.send(upgrade);
  const second = await stage.session.next();
  second.accept().respond(switching);
  await other.got("101");
  other.socket.resetAndDestroy();
  t.match(await second.wasReset(), /^reset cancelled/);
});

void t.test(
  "an upgrade that nobody takes is the app's to answer, with what was sent behind it",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(`${upgrade}early`);
    (await stage.session.next()).fail("local-refused");
    await app.got(upgrade);
    t.equal(app.text, upgrade, "what is behind it waits for the app's word");
    app.send(switching);
    await app.got("early");
    client.send("more");
    await app.got("earlymore");
  },
);

// --- the app's side meanwhile ---

void t.test(
  "an app that closes while a session answers disturbs nobody; the next request dials again",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(bystander);
    await app.got(bystander);
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    await client.got("\r\n\r\n1");
    client.send(get);
    const stream = await stage.session.next();
    await new Promise<void>((resolve) => app.socket.end(resolve));
    // Loopback delivers in order of time: the agent has seen FIN when the client has this.
    stream.accept().interim("HTTP/1.1 102 Processing\r\n\r\n");
    await client.got("102");
    stream.respond("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").data("2").finish();
    await client.got("\r\n\r\n2");
    client.send(bystander);
    const again = await stage.app();
    await again.got(bystander);
    again.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
    await client.got("\r\n\r\n3");
    t.equal(stage.dialer.dials, 2);
  },
);

void t.test(
  "RFC 9110 §10.1.1: a refused request that expects 100 reaches the app without its body",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const head = post(5).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    client.send(head);
    (await stage.session.next()).fail("local-refused");
    await app.got(head);
    app.send("HTTP/1.1 100 Continue\r\n\r\n");
    await client.got("100");
    client.send("hello");
    await app.got("hello");
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await client.got("ok");
    client.send(get);
    t.equal((await stage.session.next()).head, get);
  },
);

void t.test(
  "RFC 9110 §10.1.1: a refused request with Expect whose app declines the body becomes opaque",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const head = post(5).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    client.send(head);
    (await stage.session.next()).fail("local-refused");
    await app.got(head);
    app.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    await client.got("417");
    client.send(get);
    await app.got(get);
    t.equal(stage.session.streams.length, 1);
  },
);

void t.test("RFC 9110 §9.3.2: a 502 to HEAD has no content", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(get.replace("GET", "HEAD"));
  (await stage.session.next()).accept().fail("local-closed");
  await client.over("fin");
  t.match(client.text, /^HTTP\/1\.1 502 [^]*\r\n\r\n$/);
});

/** Waits until a number has stood still for 20 looks. */
async function quiet(look: () => number): Promise<void> {
  let last = look();
  for (let still = 0; still < 20; still++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (look() !== last) still = 0;
    last = look();
  }
}
