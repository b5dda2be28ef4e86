import t from "tap";
import { InboundStage } from "./inbound-stage.ts";

const MINE = "header(x-user) == ann";
const bystander = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n";
const mine = "GET /mine HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n";

void t.test("an app that speaks first waits for nothing", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  app.send("220 mail\r\n");
  await client.got("220 mail\r\n");
  client.send(mine);
  await app.got(mine);
  t.equal(stage.session.streams.length, 0, "the connection is opaque from then on");
});

for (const [what, first, reason] of [
  ["a text protocol", "EHLO me\r\n", "not-http"],
  ["binary bytes", "\0\x01\x02", "not-http"],
  ["TLS without a ClientHello", "\x16\x03\x01\0\0", "tls: passes unread: it begins with no ClientHello"],
  [
    "RFC 9113 §3.4: the preface, for a session that reads no HTTP/2",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http2",
  ],
] as const) {
  void t.test(`${what}: passes at once, unread`, async (t) => {
    await using stage = await InboundStage.start({ steal: MINE, http2: reason !== "http2" });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(first);
    await app.got(first);
    app.send("\0answer");
    await client.got("\0answer");
    client.socket.end();
    await app.over("fin");
    app.socket.end();
    await client.over("fin");
    await stage.closed(1);
    t.match(stage.records, [{ verdict: "opaque", reason, status: null }]);
  });
}

void t.test("bytes that could still be several protocols are kept, then decided", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  for (const piece of ["G", "ET", " "]) {
    client.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.equal(app.text, "");
  client.send("key\r\n");
  await app.got("GET key\r\n");
});

void t.test("what the client says while the app is dialled reaches it first, in order", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  stage.dialer.mode = "hold";
  const client = await stage.connect();
  client.send(bystander);
  client.send(bystander.replace("other", "second"));
  client.socket.end();
  await new Promise((resolve) => setTimeout(resolve, 30));
  stage.dialer.release("dial");
  const app = await stage.app();
  await app.over("fin");
  t.equal(app.text, bystander + bystander.replace("other", "second"));
});

void t.test("64 KB may wait for an app that is being dialled; more is not read", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  stage.dialer.mode = "hold";
  const client = await stage.connect();
  const bytes = 40_000_000;
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`;
  client.send(head).send(Buffer.alloc(bytes, 120));
  let left = -1;
  for (let still = 0; still < 20; still++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (client.socket.writableLength !== left) still = 0;
    left = client.socket.writableLength;
  }
  t.ok(left > 0, "the client is held back");
  stage.dialer.release("dial");
  const app = await stage.app();
  await app.until((app) => app.bytes === head.length + bytes);
});

void t.test("an app that refuses: a bystander is refused, a stolen request is not", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  stage.dialer.mode = "refuse";
  const refused = await stage.connect();
  refused.send(bystander);
  await refused.over("reset");
  const client = await stage.connect();
  client.send(mine);
  const stream = await stage.session.next();
  stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").data("ok").finish();
  await client.got("ok");
  client.send(bystander);
  await client.over("reset");
});

void t.test("a silent client of an app that refused it is refused after a second", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  stage.dialer.mode = "refuse";
  const client = await stage.connect();
  await client.over("reset");
});

void t.test("an app that is slow to read stops the client; one that reads again lets it go on", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  app.socket.pause();
  const bytes = 40_000_000;
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`;
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) body.writeUInt32LE(at, at);
  client.send(head).send(body);
  await stands(() => client.socket.writableLength);
  t.ok(client.socket.writableLength > 0);
  app.socket.resume();
  await app.until((app) => app.bytes === head.length + bytes);
  t.ok(Buffer.from(app.text.slice(head.length), "latin1").equals(body), "every byte, in order");
});

void t.test("a client that is slow to read stops the app; every byte arrives in order", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(bystander);
  await app.got(bystander);
  client.socket.pause();
  const bytes = 40_000_000;
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`;
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) body.writeUInt32LE(at, at);
  app.send(head).send(body);
  await stands(() => app.socket.writableLength);
  t.ok(app.socket.writableLength > 0);
  client.socket.resume();
  await client.until((client) => client.bytes === head.length + bytes);
  t.ok(Buffer.from(client.text.slice(head.length), "latin1").equals(body), "every byte, in order");
});

void t.test("a reset is passed on as a reset, in both directions", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(bystander);
  await app.got(bystander);
  app.socket.resetAndDestroy();
  await client.over("reset");
  const other = await stage.connect();
  const otherApp = await stage.app();
  other.send(bystander);
  await otherApp.got(bystander);
  other.socket.resetAndDestroy();
  await otherApp.over("reset");
  await stage.closed(2);
});

void t.test("RFC 9112 §9.6: an idle connection that the app closes is closed to the client", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(bystander);
  await app.got(bystander);
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  app.socket.end();
  await client.over("fin");
  client.socket.end();
  await stage.closed(1);
});

void t.test(
  "RFC 9112 §9.5: an idle connection may be closed, a busy one and an opaque one are left alone",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const [connection] = stage.connections;
    t.equal(connection?.isIdle, true, "nothing was said on it");
    client.send(bystander);
    await app.got(bystander);
    t.equal(connection?.isIdle, false);
    connection?.closeIdle();
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await client.got("200");
    t.equal(connection?.isIdle, true);
    connection?.closeIdle();
    await client.over("fin");
    client.socket.end();
    await stage.closed(1);
    const raw = await stage.connect();
    const rawApp = await stage.app();
    raw.send("\0\0");
    await rawApp.got("\0\0");
    t.equal(stage.connections[1]?.isIdle, false);
  },
);

// --- a port that is stolen without a filter ---

void t.test("an unfiltered steal takes HTTP request by request, and the app is not dialled", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect({ first: bystander });
  const stream = await stage.session.next();
  t.equal(stream.meta.kind, "http1");
  stream.accept().respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").data("ok").finish();
  await client.got("ok");
  t.equal(stage.dialer.dials, 0);
});

void t.test("an unfiltered steal takes a silent client for one whose server speaks first", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  const stream = await stage.session.next();
  t.equal(stream.meta.kind, "tcp");
  t.equal(stream.head, "");
  stream.accept().data("220 mine\r\n");
  await client.got("220 mine\r\n");
  t.equal(stage.dialer.dials, 0);
});

void t.test(
  "RFC 9112 §11.2: an ambiguous request goes to the app, even where everything is stolen",
  async (t) => {
    await using stage = await InboundStage.start({ steal: "everything" });
    const sent = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx";
    await stage.connect({ first: sent });
    const app = await stage.app();
    await app.got(sent);
    t.equal(stage.session.streams.length, 0);
  },
);

/** Waits until a number has stood still for 20 looks. */
async function stands(look: () => number): Promise<void> {
  let last = look();
  for (let still = 0; still < 20; still++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (look() !== last) still = 0;
    last = look();
  }
}

for (const steal of [MINE, "everything"])
  void t.test(
    `${steal}: a connection that is closed without a byte is the app's, as a tcp probe`,
    async (t) => {
      await using stage = await InboundStage.start({ steal });
      const client = await stage.connect();
      client.socket.end();
      const app = await stage.app();
      await app.over("fin");
      app.socket.end();
      await client.over("fin");
      await stage.closed(1);
      t.equal(stage.session.streams.length, 0);
      t.match(stage.records, [
        { verdict: "original", isProbe: true, reason: /tcp health probe/, session: null },
      ]);
      t.same([stage.counts.connections.probe, stage.counts.connections.stolen], [1, 0]);
      t.same(stage.bareConnections, [stage.port]);
    },
  );

void t.test("a connection without a byte ends as the app would end it", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  stage.dialer.mode = "refuse";
  const client = await stage.connect();
  client.socket.end();
  await client.over("reset");
  t.same([stage.session.streams.length, stage.bareConnections], [0, [stage.port]]);
});

void t.test("whoever asked for probes gets connections without a byte, too", async () => {
  await using stage = await InboundStage.start({ steal: "everything", probes: "steal" });
  const client = await stage.connect();
  client.socket.end();
  const stream = await stage.session.next();
  await stream.until(({ said }) => said.includes("end"));
  stream.accept().finish();
  await client.over("fin");
});

void t.test("the kubelet's http probe is the app's, though everything is stolen", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const probe = "GET /healthz HTTP/1.1\r\nHost: a\r\nUser-Agent: kube-probe/1.36\r\n\r\n";
  const client = await stage.connect();
  client.send(probe);
  const app = await stage.app();
  await app.got(probe);
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await client.got("ok");
  client.send(bystander);
  await stage.session.next();
  t.match(stage.records, [
    { verdict: "original", isProbe: true, reason: "a health probe (kube-probe/1.36) goes to the app" },
  ]);
  t.same(stage.counts.http1, { original: 0, stolen: 1, probe: 1 });
});
