import t from "tap";
import { FakeAgent } from "./fake-agent.ts";
import { freePort, LocalApp } from "./local-app.ts";

const tcp = { kind: "tcp" } as const;

void t.test("raw bytes go both ways, each half closing for itself", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("", tcp);
  exchange.stream?.write(Buffer.from("ask\x00\xff", "latin1"));
  exchange.stream?.end();
  const peer = await app.next();
  await peer.until(({ ended }) => ended === "fin");
  t.equal(peer.text, "ask\x00\xff");
  peer.socket.write("answer after your end");
  await exchange.until(({ text }) => text === "answer after your end");
  peer.socket.end();
  await exchange.over();
  t.same(exchange.events, ["accepted", "data", "end"]);
  t.equal(agent.incoming.count, 0);
});

void t.test("the program may end first and still read", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("", tcp);
  const peer = await app.next();
  peer.socket.end("220 first");
  await exchange.over();
  exchange.stream?.write(Buffer.from("late"));
  exchange.stream?.end();
  await peer.got("late");
  await peer.until(({ ended }) => ended === "fin");
  t.equal(exchange.text, "220 first");
});

void t.test("a program that breaks off is a reset, and so is one that is not there", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("", tcp);
  const peer = await app.next();
  await exchange.until(({ events }) => events.length > 0);
  peer.socket.resetAndDestroy();
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset local-closed/);
  await using nobody = new FakeAgent({ port: await freePort() });
  t.match((await nobody.steal("", tcp).over()).events, [/^reset local-refused/]);
});

void t.test("a cancelled connection reaches the program as a reset", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("", tcp);
  const peer = await app.next();
  await exchange.until(({ events }) => events.length > 0);
  exchange.stream?.reset("cancelled");
  await peer.until(({ ended }) => ended === "reset");
  t.equal(agent.incoming.count, 0);
});
