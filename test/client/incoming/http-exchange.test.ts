import t from "tap";
import { FakeAgent } from "./fake-agent.ts";
import { freePort, LocalApp } from "./local-app.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void t.test("the head reaches the program byte for byte: order, case, repetition and blanks", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head =
    "GET /A%2fb?x=1&&y HTTP/1.1\r\nhOST:  Shop.Example \r\nX-b: 2\r\nX-A: 1\r\nx-B:3\r\nConnection: keep-alive\r\nCookie: \xff\xfe\r\n\r\n";
  agent.request(head);
  const peer = await app.next();
  await peer.until(({ bytes }) => bytes >= head.length);
  t.equal(peer.text, head);
});

void t.test(
  "accepted comes before the answer, the raw response head after it, then content and end",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const peer = await app.next();
    await exchange.until(({ events }) => events.length > 0);
    t.same(exchange.events, ["accepted"]);
    peer.socket.write("HTTP/1.1 203 Weird  Reason\r\nx-Z: 1\r\nX-a:2\r\nContent-Length: 3\r\n\r\nabc");
    await exchange.over();
    t.same(exchange.events, [
      "accepted",
      "response HTTP/1.1 203 Weird  Reason\r\nx-Z: 1\r\nX-a:2\r\nContent-Length: 3\r\n\r\n",
      "data",
      "end",
    ]);
    t.equal(exchange.text, "abc");
  },
);

void t.test("chunked content with trailers goes both ways", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head = "POST /u HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n";
  const exchange = agent.steal(head);
  exchange.stream?.write(Buffer.from("hello"));
  exchange.trailers("x-sum: 1\r\nX-Two:2\r\n");
  exchange.stream?.end();
  const peer = await app.next();
  await peer.got("X-Two:2\r\n\r\n");
  t.equal(peer.text, `${head}5\r\nhello\r\n0\r\nx-sum: 1\r\nX-Two:2\r\n\r\n`);
  peer.socket.write(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 9\r\n\r\n",
  );
  await exchange.over();
  t.equal(exchange.text, "abcde");
  t.same(exchange.events.slice(-2), ["trailers X-T: 9\r\n", "end"]);
});

void t.test("content of a Content-Length goes out as it is, and not a byte more or less", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head = "PUT /u HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n";
  const exact = agent.request(head, { content: ["four", "four"] });
  const peer = await app.next();
  await peer.got("fourfour");
  t.equal(peer.text, `${head}fourfour`);
  peer.socket.write(ok);
  await exact.over();

  const short = agent.request(head, { content: ["four"] });
  short.stream?.end();
  await short.over();
  t.match(short.events.at(-1), /^reset protocol-error: .*4 bytes too early/);
  const long = agent.request(head, { content: ["four", "fourfour"] });
  await long.over();
  t.match(long.events.at(-1), /^reset protocol-error: .*longer than its Content-Length/);
});

void t.test("RFC 9112 §6.3: HEAD, 204 and 304 end with their heads, whatever they announce", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ] as const) {
    const exchange = agent.request(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const peer = await app.next();
    peer.socket.write(`HTTP/1.1 ${status} X\r\n${status === 204 ? "" : "Content-Length: 500\r\n"}\r\n`);
    await exchange.over();
    t.equal(exchange.events.at(-1), "end", `${method} ${status}`);
    t.equal(exchange.dataBytes, 0);
  }
});

void t.test("RFC 9110 §10.1.1: a 100 is passed on at once, and the content follows it", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
  );
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  peer.socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  await exchange.until(({ events }) => events.length === 3);
  exchange.stream?.write(Buffer.from("body"));
  exchange.stream?.end();
  await peer.got("body");
  peer.socket.write(ok);
  await exchange.over();
  t.same(exchange.events, [
    "accepted",
    "informational HTTP/1.1 100 Continue\r\n\r\n",
    "informational HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "response HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
    "data",
    "end",
  ]);
});

void t.test("an answer to a request whose content is never sent is whole", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
  );
  const peer = await app.next();
  peer.socket.write("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
  await exchange.over();
  exchange.stream?.end();
  await peer.until(({ ended }) => ended === "reset");
  t.equal(exchange.events.at(-1), "end");
  t.equal(agent.incoming.count, 0);
});

void t.test(
  "an early answer is passed on, and the rest of the request still goes to the program",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.steal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n");
    exchange.stream?.write(Buffer.from("four"));
    const peer = await app.next();
    peer.socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    await exchange.over();
    exchange.stream?.write(Buffer.from("more"));
    exchange.stream?.end();
    await peer.got("fourmore");
    t.equal(exchange.events.at(-1), "end");
  },
);

void t.test("content for a program that has answered and gone is dropped, not held", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  peer.socket.end("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", () =>
    peer.socket.destroy(),
  );
  await exchange.over();
  for (let sent = 0; sent < 4_000_000; sent += 40_000) {
    if (exchange.stream?.write(Buffer.alloc(40_000)) === false) {
      await exchange.until(({ stream }) => (stream?.writableBytes ?? 1) > 0);
    }
  }
  exchange.stream?.end();
  t.equal(exchange.events.at(-1), "end");
});

void t.test("RFC 9112 §6.3: an answer without a length lasts until the program closes", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request("GET / HTTP/1.0\r\n\r\n");
  const peer = await app.next();
  peer.socket.write("HTTP/1.0 200 OK\r\n\r\nall ");
  await exchange.until(({ dataBytes }) => dataBytes === 4);
  t.notOk(exchange.isOver);
  peer.socket.end("of it");
  await exchange.over();
  t.equal(exchange.text, "all of it");
  t.equal(exchange.events.at(-1), "end");
});

void t.test("a cut answer is a reset and never an end", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const cuts: [name: string, bytes: string, how: "fin" | "reset"][] = [
    ["nothing at all", "", "fin"],
    ["within the head", "HTTP/1.1 200 OK\r\nConte", "fin"],
    ["within a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "fin"],
    ["within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "fin"],
    ["before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "fin"],
    ["within the trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n", "fin"],
    ["a reset until close", "HTTP/1.1 200 OK\r\n\r\nabc", "reset"],
  ];
  for (const [name, bytes, how] of cuts) {
    const exchange = agent.request("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    const peer = await app.next();
    await peer.got("\r\n\r\n");
    peer.socket.write(bytes);
    if (how === "reset") {
      await exchange.until(({ dataBytes }) => dataBytes === 3);
      peer.socket.resetAndDestroy();
    } else peer.socket.end();
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset local-closed: /, name);
  }
});

void t.test("an answer that is no HTTP is a protocol error and reaches nobody", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const garbage = [
    "SSH-2.0-OpenSSH\r\n",
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    `HTTP/1.1 200 OK\r\nX: ${"a".repeat(70_000)}\r\n\r\n`,
  ];
  for (const bytes of garbage) {
    const exchange = agent.request("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    const peer = await app.next();
    peer.socket.write(bytes);
    await exchange.over();
    t.match(exchange.events.at(-1), /^reset protocol-error: /, JSON.stringify(bytes.slice(0, 40)));
    t.same(exchange.events.slice(0, -1), ["accepted"]);
  }
});

void t.test("what may be done twice is accepted by its answer, or when that takes a moment", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const quick = agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  (await app.next()).socket.write(ok);
  await quick.over();
  t.notOk(quick.events.includes("accepted"));
  const slow = agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const peer = await app.next();
  await slow.until(({ events }) => events.includes("accepted"));
  peer.socket.write(ok);
  await slow.over();
  t.equal(slow.events.filter((event) => event === "accepted").length, 1);
});

void t.test("a refused dial resets as untouched, without accepted", async (t) => {
  await using agent = new FakeAgent({ port: await freePort() });
  const exchange = await agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").over();
  t.equal(exchange.events.length, 1);
  t.match(exchange.events[0], /^reset local-refused: .*ECONNREFUSED/);
});

void t.test("a cancelled exchange reaches the program as a reset at once", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const peer = await app.next();
  await peer.got("/slow");
  exchange.stream?.reset("cancelled", "the caller is gone");
  await peer.until(({ ended }) => ended === "reset");
  t.equal(agent.incoming.count, 0);
});

void t.test("a lost tunnel closes every local connection", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  agent.request("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  const peer = await app.next();
  await peer.got("/slow");
  agent.kill();
  await peer.until(({ isClosed }) => isClosed);
  t.equal(agent.incoming.count, 0);
});

void t.test("an upgrade turns both ways into raw bytes that end for themselves", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  peer.socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nraw 1");
  await exchange.until(({ text }) => text === "raw 1");
  exchange.stream?.write(Buffer.from("up"));
  await peer.got("up");
  peer.socket.end(" raw 2");
  await exchange.over();
  t.equal(exchange.text, "raw 1 raw 2");
  exchange.stream?.write(Buffer.from(" and up"));
  exchange.stream?.end();
  await peer.got("up and up");
  await peer.until(({ ended }) => ended === "fin");
  t.equal(agent.incoming.count, 0);
});

void t.test("bytes behind an upgrade request wait until the program has switched", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n");
  exchange.stream?.write(Buffer.from("early"));
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  t.notMatch(peer.text, /early/);
  peer.socket.write("HTTP/1.1 200 Fine\r\n\r\n");
  await peer.got("early");
  exchange.stream?.end();
  peer.socket.end();
  await exchange.over();
  t.equal(exchange.events.at(-1), "end");
});

void t.test(
  "requests of one caller's connection share a local connection, those of two do not",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    for (const path of ["/1", "/2", "/3"]) {
      const exchange = agent.request(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, { connection: 7 });
      const peer = app.peers[0] ?? (await app.next());
      await peer.got(path);
      peer.socket.write(ok);
      await exchange.over();
    }
    t.equal(app.peers.length, 1);
    agent.request("GET /4 HTTP/1.1\r\nHost: a\r\n\r\n", { connection: 8 });
    await (await app.next()).got("/4");
    t.equal(app.peers.length, 2);
  },
);

void t.test("RFC 9110 §9.2.2: what is not idempotent, or has content, gets a fresh connection", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const requests = ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\r\n"];
  requests.push("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  for (const head of requests) {
    const content = head.startsWith("PUT") ? ["x"] : [];
    const exchange = agent.request(head, { connection: 1, content });
    const peer = await app.next();
    await peer.got("\r\n\r\n");
    peer.socket.write(ok);
    await exchange.over();
  }
  t.equal(app.peers.length, 3);
});

void t.test(
  "a used connection that closes before its answer is replaced once, for what may be repeated",
  async (t) => {
    await using app = await LocalApp.start();
    await using agent = new FakeAgent({ port: app.port });
    const head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const first = agent.request(head, { connection: 1 });
    const peer = await app.next();
    await peer.got("\r\n\r\n");
    peer.socket.write(ok);
    await first.over();
    const second = agent.request(head, { connection: 1 });
    await peer.until(({ bytes }) => bytes === 2 * head.length);
    peer.socket.destroy();
    const fresh = await app.next();
    await fresh.got(head);
    fresh.socket.destroy();
    await second.over();
    t.match(second.events.at(-1), /^reset local-closed/);
    t.equal(app.peers.length, 2, "there is no third try");
  },
);

void t.test("bytes behind a whole answer close the connection and reach nobody", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const first = agent.request(head, { connection: 1 });
  const peer = await app.next();
  peer.socket.write(`${ok}HTTP/1.1 200 Smuggled\r\nContent-Length: 0\r\n\r\n`);
  await first.over();
  await peer.until(({ isClosed }) => isClosed);
  agent.request(head, { connection: 1 });
  await (await app.next()).got(head);
  t.equal(app.peers.length, 2);
});

void t.test("an unknown subscription is refused and an unreadable head is a protocol error", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const unknown = await agent.steal("GET / HTTP/1.1\r\nHost: a\r\n\r\n", { subscription: 2 }).over();
  t.match(unknown.events, [/^reset refused/]);
  const unreadable = await agent.steal("GET / HTTP/1.1\r\nHost : a\r\n\r\n").over();
  t.match(unreadable.events, [/^reset protocol-error: unreadable head/]);
  t.equal(app.peers.length, 0);
});
