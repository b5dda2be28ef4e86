import t from "tap";
import { InboundStage } from "./inbound-stage.ts";

void t.test("bytes go both ways, and each half closes by itself", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  client.send("\0one");
  const stream = await stage.session.next();
  await stream.got("\0one");
  stream.accept().data("two");
  await client.got("two");
  t.equal(stream.creditBytes, 3, "credit returns when the client's kernel has it");
  client.send("three");
  client.socket.end();
  await stream.until(({ said }) => said.includes("end"));
  t.equal(stream.text, "\0onethree");
  stream.data("four").finish();
  await client.over("fin");
  t.equal(client.text, "twofour");
  await stage.closed(1);
  t.match(stage.records, [{ verdict: "stolen-raw", session: "s1", subscription: 1, failure: null }]);
});

for (const code of ["local-refused", "local-stranger", "refused"] as const) {
  void t.test(`an offer that ends with ${code} goes to the app with all that was said`, async (t) => {
    await using stage = await InboundStage.start({ steal: "everything" });
    const client = await stage.connect();
    client.send("\0said");
    const stream = await stage.session.next();
    client.send(" more");
    client.socket.end();
    await stream.got(" more");
    await stream.until(({ said }) => said.includes("end"));
    stream.fail(code);
    const app = await stage.app();
    await app.over("fin");
    t.equal(app.text, "\0said more");
    app.send("answer");
    app.socket.end();
    await client.over("fin");
    t.equal(client.text, "answer");
    t.match(stage.records, [{ verdict: "original", failure: code }]);
  });
}

void t.test("whatever fails otherwise resets the client: it may have reached the program", async (t) => {
  for (const [accepts, code] of [
    [false, "session-closed"],
    [false, "internal"],
    [true, "local-refused"],
    [true, "session-closed"],
  ] as const) {
    await using stage = await InboundStage.start({ steal: "everything" });
    const client = await stage.connect();
    client.send("\0");
    const stream = await stage.session.next();
    await stream.got("\0");
    if (accepts) stream.accept();
    stream.fail(code);
    await client.over("reset");
    t.equal(stage.dialer.dials, 0, code);
  }
});

void t.test("onLocalFailure error: nobody else gets the connection", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything", onLocalFailure: "error" });
  const client = await stage.connect();
  client.send("\0");
  (await stage.session.next()).fail("local-refused");
  await client.over("reset");
  t.equal(stage.dialer.dials, 0);
});

void t.test("a head that is none resets both sides", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  client.send("\0");
  const stream = await stage.session.next();
  stream.payload(Buffer.from([77]));
  await client.over("reset");
  t.match(await stream.wasReset(), /^reset protocol-error/);
});

void t.test("a client that is gone is told to the session at once", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  client.send("\0");
  const stream = await stage.session.next();
  stream.accept();
  client.socket.resetAndDestroy();
  t.equal(await stream.wasReset(), "reset cancelled: the caller is gone");
  await stage.closed(1);
});

void t.test("a session that is over leaves the connection to the app", async () => {
  await using stage = await InboundStage.start({ steal: "everything" });
  stage.session.isOver = true;
  const client = await stage.connect();
  client.send("\0raw");
  const app = await stage.app();
  await app.got("\0raw");
});

void t.test("256 KB are kept of what is only offered; acceptance lets the rest go on", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  const bytes = 30_000_000;
  client.send(Buffer.alloc(bytes));
  const stream = await stage.session.next();
  await stream.until((stream) => stream.bytes >= 256 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.ok(stream.bytes <= 512 * 1024, `read ahead of acceptance: ${stream.bytes}`);
  stream.accept();
  await stream.until((stream) => stream.bytes === bytes);
});

void t.test("a slow session stops the client, a slow client holds credit back", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  client.send("\0");
  const stream = await stage.session.next();
  stream.accept();
  stream.takesMore = false;
  const bytes = 30_000_000;
  client.send(Buffer.alloc(bytes));
  await stream.until((stream) => stream.bytes > 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.ok(stream.bytes <= 512 * 1024, `taken by a slow session: ${stream.bytes}`);
  stream.drain();
  await stream.until((stream) => stream.bytes === bytes + 1);
  client.socket.pause();
  let sent = 0;
  while (stream.creditBytes === sent) {
    stream.data(Buffer.alloc(256 * 1024));
    sent += 256 * 1024;
  }
  client.socket.resume();
  await stream.until((stream) => stream.creditBytes === sent);
  await client.until((client) => client.bytes === sent);
});
