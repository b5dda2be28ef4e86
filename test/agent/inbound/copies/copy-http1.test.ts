import t from "tap";
import { InboundStage, type Mirrored } from "../inbound-stage.ts";
import { ScriptedSession } from "../scripted-session.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const GET = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";

async function mirrorOf(
  options: Parameters<typeof InboundStage.start>[0] & { mirror: string },
): Promise<{ stage: InboundStage } & Mirrored> {
  const stage = await InboundStage.start(options);
  if (stage.mirrored === undefined) throw new Error("no mirror");
  return { stage, ...stage.mirrored };
}

void t.test("the app answers, and the session gets the request as it was received", async (t) => {
  const { stage, session, mirror } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  const post = "POST /x HTTP/1.1\r\nhOsT: shop\r\nContent-Length: 5\r\n\r\n";
  client.send(`${post}he`);
  await app.got("he");
  client.send("llo");
  await app.got("hello");
  t.equal(app.text, `${post}hello`);
  app.send(OK);
  t.equal((await client.got("ok")).text, OK);
  const copy = await session.next();
  t.match(copy.meta, { copy: "request", kind: "http1", port: stage.port, subscription: 1 });
  t.equal(copy.head, post);
  t.equal(copy.text, "hello");
  t.same(copy.said, ["data", "end"]);
  copy.accept();
  t.match(mirror.counts, { sent: 1, dropped: 0, failed: 0, bytes: post.length + 5 });
  t.equal(session.streams.length, 1, "answers were not asked for");
});

void t.test("of chunks the copy has the content, and trailers even when there are none", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  const head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const trailers of ["X-Sum: 1\r\n", ""]) {
    const body = `3;a=b\r\nabc\r\n2\r\nde\r\n0\r\n${trailers}\r\n`;
    for (const byte of head + body) client.send(byte);
    await app.got(`0\r\n${trailers}\r\n`);
    app.send(OK);
    const copy = await session.next();
    await copy.until(({ said }) => said.at(-1) === "end");
    t.equal(copy.text, "abcde");
    t.same(copy.said, ["data", `trailers ${trailers}`, "end"]);
  }
});

void t.test("only what the filter matches is copied, request by request", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "path == '/a'" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(`GET /b HTTP/1.1\r\n\r\n${GET}GET /c HTTP/1.1\r\n\r\n`);
  await app.got("/c");
  app.send(OK + OK + OK);
  await client.got(OK + OK + OK);
  t.same(
    session.streams.map(({ head }) => head),
    [GET],
  );
});

void t.test("the answer comes as its head, its content and its trailers", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything", answers: true });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(GET);
  await app.got("shop");
  const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const head = "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n";
  const answer = `${interim}${head}3\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 9\r\n\r\n`;
  for (const byte of answer) app.send(byte);
  t.equal((await client.got("X-Sum: 9\r\n\r\n")).text, answer);
  const [request, copy] = [await session.next(), await session.next()];
  t.equal(copy.meta.copy, "answer");
  t.equal(copy.meta.requestId, request.meta.requestId);
  t.equal(copy.head, head);
  t.equal(copy.text, "abcd");
  t.same(copy.said, ["data", "trailers X-Sum: 9\r\n", "end"]);
});

void t.test("an answer that ends with its connection is whole by FIN, and cut by RST", async (t) => {
  for (const how of ["fin", "reset"] as const) {
    const { stage, session, mirror } = await mirrorOf({ mirror: "everything", answers: true });
    await using _ = stage;
    const client = await stage.connect();
    const app = await stage.app();
    client.send(GET);
    await app.got("shop");
    app.send("HTTP/1.1 200 OK\r\n\r\nabc");
    await client.got("abc");
    if (how === "fin") app.socket.end();
    else app.socket.resetAndDestroy();
    await client.over(how);
    await session.next();
    const copy = await session.next();
    t.equal(copy.text, "abc");
    t.match(copy.said.at(-1), how === "fin" ? /^end$/ : /^reset cancelled: the app's answer was cut/);
    t.equal(mirror.counts.answersDropped, how === "fin" ? 0 : 1);
  }
});

void t.test("an answer to HEAD, and one without content, is whole at once", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything", answers: true });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  await app.got("GET");
  app.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  await client.got("204");
  await session.next();
  await session.next();
  t.same((await session.next()).said, ["end"]);
  t.same((await session.next()).said, ["end"]);
});

void t.test("a request that is stolen is copied to others, and its answer is the thief's", async (t) => {
  const { stage, session } = await mirrorOf({ steal: "path == '/a'", mirror: "everything", answers: true });
  await using _ = stage;
  const client = await stage.connect();
  client.send("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  const stolen = await stage.session.next();
  await stolen.got("abc");
  stolen.respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").data("me").finish();
  await client.got("me");
  const copy = await session.next();
  t.match(copy.meta, { copy: "stolen-request", requestId: stolen.meta.requestId });
  t.equal(copy.head, stolen.head);
  t.equal(copy.text, "abc");
  t.same(copy.said, ["data", "end"]);
  t.equal(session.streams.length, 1);
});

void t.test("a stolen request that comes back to the app is copied once, and its answer too", async (t) => {
  const { stage, session } = await mirrorOf({ steal: "everything", mirror: "everything", answers: true });
  await using _ = stage;
  const client = await stage.connect();
  const body = "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
  client.send(`POST /a HTTP/1.1\r\n${body}`);
  const stolen = await stage.session.next();
  await stolen.got("a");
  stolen.fail("local-refused");
  const app = await stage.app();
  client.send("1\r\nb\r\n0\r\n\r\n");
  await app.got("0\r\n\r\n");
  app.send(OK);
  await client.got("ok");
  const copy = await session.next();
  t.equal(copy.text, "ab");
  t.same(copy.said, ["data", "trailers ", "end"]);
  t.equal((await session.next()).text, "ok");
});

void t.test("an upgrade's bytes follow the request, and its answer ends with its head", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything", answers: true });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send("GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly ");
  await app.got("\r\n\r\n");
  const copy = await session.next();
  t.same(copy.said, [], "nobody knows yet what follows");
  const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n";
  app.send(`${switching}hi`);
  await client.got("hi");
  client.send("late").socket.end();
  await app.got("early late");
  await copy.until(({ said }) => said.at(-1) === "end");
  t.equal(copy.text, "early late");
  const answer = await session.next();
  t.equal(answer.head, switching);
  t.same(answer.said, ["end"]);
});

void t.test("an upgrade that is declined ends its copy with the answer", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "path == '/ws'" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(`GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n${GET}`);
  await app.got("/ws");
  const copy = await session.next();
  t.same(copy.said, []);
  app.send(OK);
  await app.got("/a");
  t.same(copy.said, ["end"]);
  app.send(OK);
  await client.got(OK + OK);
});

void t.test("a request that the caller does not finish is cut, not ended", async (t) => {
  const { stage, session, mirror } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc");
  await app.got("abc");
  const copy = await session.next();
  await copy.got("abc");
  client.socket.resetAndDestroy();
  t.match(await copy.wasReset(), /^reset cancelled: the exchange ended before/);
  t.match(mirror.counts, { sent: 0, dropped: 1 });
});

void t.test("a malformed chunk ends copies, and the app sees every byte", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  const request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n";
  client.send(request);
  await app.got("zz\r\n");
  t.equal(app.text, request);
  t.match(await (await session.next()).wasReset(), /^reset cancelled/);
  client.send("more");
  await app.got("more");
  t.equal(session.streams.length, 1);
});

void t.test("a session that takes nothing loses a copy, and the app's exchange does not wait", async (t) => {
  const { stage, session, mirror } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  session.takesMore = false;
  const client = await stage.connect();
  const app = await stage.app();
  const size = 5_000_000;
  client.send(`POST / HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`).send(Buffer.alloc(size, 97));
  await app.until(({ bytes }) => bytes > size);
  app.send(OK);
  await client.got("ok");
  const copy = await session.next();
  t.match(copy.said.at(-1), /^reset flow-control: the session takes copies more slowly/);
  t.ok(copy.bytes < 2.2 * 1024 * 1024, `${copy.bytes} bytes`);
  t.match(mirror.counts, { sent: 0, dropped: 1 });
  t.match(mirror.lastDrop, /more slowly/);
});

void t.test("a copy that its session resets has failed, unless it was delivered", async (t) => {
  const { stage, session, mirror } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(GET + GET);
  await app.got(GET + GET);
  (await session.next()).fail("local-refused", "nobody listens");
  (await session.next()).accept().fail("local-closed");
  t.match(mirror.counts, { sent: 1, failed: 1, dropped: 0 });
  app.send(OK + OK);
  t.equal((await client.got(OK + OK)).text, OK + OK);
});

void t.test("what a session answers to a copy reaches nobody, and costs it no credit", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(GET);
  const copy = await session.next();
  copy.respond("HTTP/1.1 500 No\r\n\r\n").data("nobody").trailers("A: b\r\n").finish();
  t.equal(copy.creditBytes, 6);
  await app.got(GET);
  app.send(OK);
  t.equal((await client.got("ok")).text, OK);
});

void t.test("a session that is over gets nothing, and that is counted", async (t) => {
  const { stage, session, mirror } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  session.isOver = true;
  const client = await stage.connect();
  const app = await stage.app();
  client.send(GET);
  await app.got(GET);
  t.match(mirror.counts, { dropped: 1 });
  t.match(mirror.lastDrop, /^the session is over/);
});

void t.test("a session that reads nothing of one copy still has the others", async (t) => {
  const { stage, session } = await mirrorOf({ mirror: "everything" });
  await using _ = stage;
  const [one, two] = [await stage.connect(), await stage.connect()];
  session.takesMore = false;
  one.send("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  const stuck = await session.next();
  session.takesMore = true;
  two.send(GET);
  t.same((await session.next()).said, ["end"]);
  await stuck.got("abc");
});

void t.test("two mirrors and a steal of one request get the same", async (t) => {
  const { stage, session } = await mirrorOf({ steal: "everything", mirror: "everything" });
  await using _ = stage;
  const other = stage.mirror("path == '/a'", { session: new ScriptedSession({ id: "m2" }) });
  const client = await stage.connect();
  client.send("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  const stolen = await stage.session.next();
  await stolen.got("abc");
  for (const one of [session, other.session]) {
    const copy = await one.next();
    t.equal(copy.head, stolen.head);
    t.same(copy.said, ["data", "end"]);
    t.equal(copy.text, "abc");
  }
});

void t.test("what sampling leaves out is skipped, and costs no stream", async (t) => {
  const stage = await InboundStage.start();
  await using _ = stage;
  const draws = [0.05, 0.5, 0.1, 0.0999];
  const { session, mirror } = stage.mirror("everything", {
    sample: 0.1,
    random: () => draws.shift() ?? 1,
  });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(GET.repeat(4));
  await app.got(GET.repeat(4));
  t.equal(session.streams.length, 2);
  t.equal(mirror.counts.skipped, 2);
});
