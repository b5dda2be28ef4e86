import t from "tap";
import { InboundStage, type Mirrored } from "../inbound-stage.ts";

async function mirrored(options: Parameters<typeof InboundStage.start>[0] & { mirror: string }) {
  const stage = await InboundStage.start(options);
  if (stage.mirrored === undefined) throw new Error("no mirror");
  const mirror: Mirrored = stage.mirrored;
  return { ...mirror, stage, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

void t.test("what the client of another protocol says is copied, and its FIN ends the copy", async (t) => {
  await using scene = await mirrored({ mirror: "everything", answers: true });
  const { stage, session, mirror } = scene;
  const client = await stage.connect();
  const app = await stage.app();
  client.send("EHLO me\r\n");
  await app.got("EHLO me\r\n");
  app.send("250 hi\r\n");
  await client.got("250 hi\r\n");
  client.send("QUIT\r\n").socket.end();
  await app.over("fin");
  t.equal(app.text, "EHLO me\r\nQUIT\r\n");
  const copy = await session.next();
  t.match(copy.meta, { copy: "request", kind: "tcp" });
  await copy.until(({ said }) => said.at(-1) === "end");
  t.equal(copy.text, "EHLO me\r\nQUIT\r\n");
  copy.accept();
  t.match(mirror.counts, { sent: 1 });
  t.equal(session.streams.length, 1, "what the app says is not copied");
  app.socket.end();
  await client.over("fin");
});

void t.test("a server that speaks first is heard first, and its client copied", async (t) => {
  await using scene = await mirrored({ mirror: "everything" });
  const { stage, session } = scene;
  const client = await stage.connect();
  const app = await stage.app();
  app.send("220 mail\r\n");
  await client.got("220 mail\r\n");
  client.send("GET / HTTP/1.1\r\n\r\n");
  await app.got("GET /");
  t.match((await (await session.next()).got("GET /")).meta.kind, "tcp");
});

void t.test("bytes are copied to who has no filter only, and never those of TLS", async (t) => {
  for (const [filter, first] of [
    ["path == '/'", "EHLO me\r\n"],
    ["everything", "\x16\x03\x01\0\0"],
  ] as const) {
    await using scene = await mirrored({ mirror: filter });
    const { stage, session } = scene;
    const client = await stage.connect();
    const app = await stage.app();
    client.send(first);
    await app.got(first);
    t.equal(session.streams.length, 0);
    t.match(stage.notices, first.startsWith("E") ? [] : [/^tls-unread: .* and is not copied/]);
  }
});

void t.test("HTTP that becomes unreadable is not copied as bytes", async (t) => {
  await using scene = await mirrored({ mirror: "everything" });
  const { stage, session } = scene;
  const client = await stage.connect();
  const app = await stage.app();
  client.send("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nA : b\r\n\r\n");
  await app.got("A : b");
  client.send("more");
  await app.got("more");
  t.same(
    session.streams.map(({ head }) => head),
    ["GET /a HTTP/1.1\r\n\r\n"],
  );
});

void t.test("stolen bytes are copied to others, also when the app gets them after all", async (t) => {
  await using scene = await mirrored({ steal: "everything", mirror: "everything" });
  const { stage, session } = scene;
  const client = await stage.connect();
  client.send("EHLO me\r\n");
  const stolen = await stage.session.next();
  await stolen.got("EHLO");
  const copy = await session.next();
  t.equal(copy.meta.requestId, stolen.meta.requestId);
  stolen.fail("local-refused");
  const app = await stage.app();
  client.send("QUIT\r\n");
  await app.got("EHLO me\r\nQUIT\r\n");
  await copy.got("EHLO me\r\nQUIT\r\n");
  client.socket.resetAndDestroy();
  t.match(await copy.wasReset(), /^reset cancelled: the caller is gone/);
});

void t.test("a session that takes nothing loses its copy, and the connection goes on", async (t) => {
  await using scene = await mirrored({ mirror: "everything" });
  const { stage, session, mirror } = scene;
  session.takesMore = false;
  const client = await stage.connect();
  const app = await stage.app();
  const size = 5_000_000;
  client.send("x").send(Buffer.alloc(size, 0));
  await app.until(({ bytes }) => bytes > size);
  t.match((await session.next()).said.at(-1), /^reset flow-control/);
  app.send("still here");
  await client.got("still here");
  t.match(mirror.counts, { dropped: 1 });
  t.match(stage.records, []);
  client.socket.end();
  app.socket.end();
  await stage.closed(1);
  t.match(stage.records[0]?.mirrors, [
    { session: "m1", name: "bob", outcome: /^dropped: the session takes copies more slowly/ },
  ]);
});
