import t from "tap";
import type { LocalGate } from "../../../src/client/incoming/index.ts";
import type { Listener } from "../../../src/client/process/index.ts";
import { FakeAgent, OpenGate } from "./fake-agent.ts";
import { freePort, LocalApp } from "./local-app.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class SlowGate implements LocalGate {
  readonly answer = Promise.withResolvers<Listener>();
  isStillUp(): boolean {
    return false;
  }
  look(): Promise<Listener> {
    return this.answer.promise;
  }
}

void t.test("a stranger's process gets nothing, and is named", async (t) => {
  await using app = await LocalApp.start();
  const gate = new SlowGate();
  await using agent = new FakeAgent({ port: app.port, gate, mustBeUp: true });
  const exchange = agent.request(get);
  gate.answer.resolve({ state: "stranger", owner: { pid: 77, name: "nginx", parentPid: 1 } });
  await exchange.over();
  t.equal(exchange.events.length, 1);
  t.match(exchange.events[0], /^reset local-stranger: nginx \(pid 77\) listens on 127\.0\.0\.1:\d+/);
  t.equal(app.peers.length, 0);
});

void t.test("what comes while the listener is looked at is delivered in order afterwards", async (t) => {
  await using app = await LocalApp.start();
  const gate = new SlowGate();
  await using agent = new FakeAgent({ port: app.port, gate, mustBeUp: true });
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
  agent.request(head, { content: ["ab", "cd"] });
  gate.answer.resolve({ state: "up", owner: undefined });
  const peer = await app.next();
  await peer.got("abcd");
  t.equal(peer.text, `${head}abcd`);
});

void t.test("an exchange that is cancelled while the listener is looked at is never begun", async (t) => {
  await using app = await LocalApp.start();
  const gate = new SlowGate();
  await using agent = new FakeAgent({ port: app.port, gate, mustBeUp: true });
  const exchange = agent.request(get);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  exchange.stream?.reset("cancelled");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  gate.answer.resolve({ state: "up", owner: undefined });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(app.peers.length, 0);
});

void t.test("a refused dial makes the gate look", async (t) => {
  const gate = new OpenGate();
  await using agent = new FakeAgent({ port: await freePort(), gate });
  await agent.request(get).over();
  t.equal(gate.looks, 1);
});

void t.test("settled waits for exchanges under way, and for no longer than its signal", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request(get);
  const peer = await app.next();
  t.equal(agent.incoming.count, 1);
  await t.rejects(agent.incoming.settled({ signal: AbortSignal.timeout(10) }));
  const settled = agent.incoming.settled({ signal: AbortSignal.timeout(5_000) });
  peer.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  await exchange.over();
  await settled;
  t.equal(agent.incoming.count, 0);
});

void t.test("close cancels what is under way on both sides", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request(get);
  const peer = await app.next();
  await peer.got("\r\n\r\n");
  agent.incoming.close();
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset cancelled/);
  await peer.until(({ ended }) => ended === "reset");
});
