import t from "tap";
import { encodePlain } from "../../../../src/http/index.ts";
import { FakeAgent, http2Head } from "../fake-agent.ts";
import { LocalHttp2App } from "../local-http2-app.ts";

void t.test(
  "a request keeps the order and the repetitions of its fields, and so does its answer",
  async (t) => {
    await using app = await LocalHttp2App.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request2({
      method: "POST",
      fields: [
        ["x-a", "1"],
        ["cookie", "a=1"],
        ["x-b", "\xe9"],
        ["cookie", "b=2"],
        ["x-a", "2"],
        ["content-type", "text/plain"],
        ["content-type", "again"],
      ],
      content: ["ab", "cd"],
      trailers: [
        ["x-end", "1"],
        ["x-last", "2"],
        ["x-end", "3"],
      ],
    });
    const request = await app.next();
    await request.until(({ isEnded }) => isEnded);
    t.same(request.rawHeaders, [
      ...[":method", "POST", ":scheme", "http", ":authority", "shop.example", ":path", "/"],
      ...["x-a", "1", "cookie", "a=1", "x-b", "\xe9", "cookie", "b=2", "x-a", "2"],
      ...["content-type", "text/plain", "content-type", "again"],
    ]);
    t.equal(request.content.toString(), "abcd");
    t.same(request.trailers, ["x-end", "1", "x-last", "2", "x-end", "3"]);
    request.stream.additionalHeaders({ ":status": 103, link: "</a>" });
    request.stream.respond([":status", "200", "set-cookie", "a", "x-r", "1", "set-cookie", "b"], {
      waitForTrailers: true,
      sendDate: false,
    } as object);
    request.stream.on("wantTrailers", () =>
      request.stream.sendTrailers({ "grpc-status": "0", "x-t": ["1", "2"] }),
    );
    request.stream.end("hello");
    await exchange.over();
    t.equal(exchange.text, "hello");
    t.same(
      exchange.events.map((event) => event.replace(/\|date: [^|]*/, "")),
      [
        "accepted",
        "informational :status: 103|link: </a>",
        "response :status: 200|set-cookie: a|x-r: 1|set-cookie: b",
        "data",
        "trailers grpc-status: 0|x-t: 1|x-t: 2",
        "end",
      ],
    );
  },
);

void t.test("what must not be put into a table reaches the program with that mark", async (t) => {
  await using app = await LocalHttp2App.start();
  await using agent = new FakeAgent({ port: app.port });
  const head = encodePlain(
    [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      ["host", "only.a.host"],
      ["x-secret", "1"],
    ],
    { isNeverIndexed: (name) => name === "x-secret" },
  );
  agent.steal(head, { kind: "http2", endsWithHead: true });
  const request = await app.next();
  t.same(request.sensitive, ["x-secret"]);
  t.same(request.rawHeaders, [
    ":method",
    "GET",
    ":scheme",
    "http",
    ":path",
    "/",
    "host",
    "only.a.host",
    "x-secret",
    "1",
  ]);
});

void t.test("streams of one caller's connection share one, those of another have their own", async (t) => {
  await using app = await LocalHttp2App.start({
    answer: ({ stream }) => stream.respond({ ":status": 204 }, { endStream: true }),
  });
  await using agent = new FakeAgent({ port: app.port });
  await agent.request2({ connection: 7 }).over();
  await Promise.all([1, 2, 3].map(() => agent.request2({ connection: 7 }).over()));
  t.equal(app.sessions.length, 1);
  await agent.request2({ connection: 8 }).over();
  t.equal(app.sessions.length, 2);
});

void t.test("a thousand streams at once each get their own answer", async (t) => {
  await using app = await LocalHttp2App.start({
    answer: (request) => {
      request.stream.respond({ ":status": 200 });
      request.stream.pipe(request.stream);
    },
  });
  await using agent = new FakeAgent({ port: app.port });
  const exchanges = Array.from({ length: 1_000 }, (_, index) =>
    agent.request2({ method: "POST", content: [`body ${index}`], connection: index % 4 }),
  );
  await Promise.all(exchanges.map((exchange) => exchange.over()));
  t.same(
    exchanges.map(({ text }) => text),
    exchanges.map((_, index) => `body ${index}`),
  );
  t.equal(app.sessions.length, 4);
});

void t.test("a program's limit on streams makes the others wait for their turn", async (t) => {
  await using app = await LocalHttp2App.start({ settings: { maxConcurrentStreams: 2 } });
  await using agent = new FakeAgent({ port: app.port });
  const exchanges = [1, 2, 3].map(() => agent.request2({ connection: 1 }));
  const first = await app.next();
  await app.next();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(app.requests.length, 2);
  first.stream.respond({ ":status": 204 }, { endStream: true });
  await exchanges[0]?.over();
  const third = await app.next();
  t.equal(third.header(":method"), "GET");
});

void t.test("4 MB go both ways", async (t) => {
  await using app = await LocalHttp2App.start({
    answer: ({ stream }) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    },
  });
  await using agent = new FakeAgent({ port: app.port });
  const piece = Buffer.alloc(16_384, "x");
  const exchange = agent.request2({ method: "POST", content: Array.from({ length: 256 }, () => piece) });
  await exchange.over();
  t.equal(exchange.dataBytes, 4 * 1024 * 1024);
  t.equal(exchange.events.at(-1), "end");
});

void t.test("a caller's reset reaches the program at once, with its code", async (t) => {
  await using app = await LocalHttp2App.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal(http2Head({ method: "POST" }), {
    kind: "http2",
  });
  const request = await app.next();
  exchange.stream?.reset("http2-enhance-your-calm");
  await request.until(({ isClosed }) => isClosed);
  t.equal(request.stream.rstCode, 11);
  t.equal(agent.incoming.count, 0);
});
