import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { duplexPair } from "node:stream";
import { type Test, test } from "tap";
import {
  acceptWebSocket,
  type Carrier,
  connectWebSocket,
  type NotingCarrier,
  ResumableCarrier,
  type ResumeAnswer,
  type ResumeClaim,
  resumeWebSocket,
  Tunnel,
  type TunnelError,
} from "../../src/tunnel/index.ts";
import { checkCarrier } from "./carrier-compliance.ts";
import { ManualClock } from "./manual-clock.ts";
import { settle } from "./tunnel-pair.ts";

async function listen(
  t: Test,
  onCarrier: (carrier: NotingCarrier) => void,
  resume: (claim: ResumeClaim) => ResumeAnswer = () => "unknown",
) {
  const server = createServer().listen(0, "127.0.0.1");
  const accepting = acceptWebSocket({
    server,
    path: "/tunnel",
    admit: (offered) => offered === "good",
    onCarrier,
    resume,
  });
  t.teardown(() => {
    accepting[Symbol.dispose]();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, dial: () => connect(port, "127.0.0.1") };
}

void test("a WebSocket carrier is a carrier", async (t) => {
  checkCarrier(t, async (t) => {
    const accepted = Promise.withResolvers<Carrier>();
    const { dial } = await listen(t, accepted.resolve);
    const client = await connectWebSocket({ socket: dial(), ticket: "good", path: "/tunnel" });
    const agent = await accepted.promise;
    t.teardown(() => {
      client.destroy();
      agent.destroy();
    });
    return { client, agent };
  });
});

void test("memory is given back when a socket has copied it, and never by a stream that hands it on", async (t) => {
  for (const isSocket of [true, false]) {
    const accepted = Promise.withResolvers<Carrier>();
    const { server, dial } = await listen(t, accepted.resolve);
    const [near, far] = duplexPair();
    if (!isSocket) server.emit("connection", far);
    const client = await connectWebSocket({
      socket: isSocket ? dial() : near,
      ticket: "good",
      path: "/tunnel",
    });
    const agent = await accepted.promise;
    t.teardown(() => {
      client.destroy();
      agent.destroy();
    });
    const drained = Promise.withResolvers<void>();
    client.start({ onData() {}, onDrain: drained.resolve, onClose() {} });
    let isGivenBack = false;
    client.send(Buffer.alloc(10_000), () => (isGivenBack = true));
    t.notOk(isGivenBack, "not within send");
    await drained.promise;
    t.equal(isGivenBack, isSocket);
  }
});

void test("a ticket that does not admit is refused before the upgrade, and the socket ends", async (t) => {
  let carriers = 0;
  const { dial } = await listen(t, () => (carriers += 1));
  for (const ticket of ["bad", "x".repeat(5_000)]) {
    const socket = dial();
    await t.rejects(connectWebSocket({ socket, ticket, path: "/tunnel" }), { code: "ticket-refused" });
    t.ok(socket.destroyed);
  }
  t.equal(carriers, 0);
});

void test("no ticket is 401 and another path is 404", async (t) => {
  const { port } = await listen(t, () => t.fail("admitted"));
  const upgrade = { connection: "Upgrade", upgrade: "websocket" };
  for (const [path, status] of [
    ["/tunnel", "401"],
    ["/other", "404"],
  ]) {
    const socket = connect(port, "127.0.0.1");
    const fields = Object.entries(upgrade).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n${fields.join("")}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    t.match(answer.toString(), `HTTP/1.1 ${status}`);
    await once(socket, "close");
  }
});

void test("connecting to what is no agent fails, and an abort ends it", async (t) => {
  const server = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const options = { ticket: "good", path: "/tunnel" };
  const dial = () => connect(port, "127.0.0.1");
  await t.rejects(connectWebSocket({ ...options, socket: dial() }), { code: "upgrade-refused" });
  server.removeAllListeners("request"); // It does not answer from here on.
  const aborting = new AbortController();
  const socket = dial();
  const connecting = connectWebSocket({ ...options, socket, signal: aborting.signal });
  await once(server, "request");
  aborting.abort(new Error("given up"));
  await t.rejects(connecting, { message: "given up" });
  t.ok(socket.destroyed);
});

void test("a peer that was stopped is noticed by its silence", async (t) => {
  const peer = fork(new URL("peer-process.ts", import.meta.url));
  t.teardown(() => peer.kill("SIGKILL"));
  const [port] = (await once(peer, "message")) as [number];
  const socket = connect(port, "127.0.0.1");
  const raw = await connectWebSocket({ socket, ticket: "any", path: "/tunnel" });
  const clock = new ManualClock();
  const carrier = new ResumableCarrier({ raw, clock });
  const closed = Promise.withResolvers<TunnelError | undefined>();
  const tunnel = new Tunnel({
    carrier,
    role: "client",
    clock,
    events: { onMessage() {}, onStream: () => undefined, onClose: closed.resolve },
  });
  while (tunnel.roundTripMs === undefined) await settle();
  peer.kill("SIGSTOP");
  await settle();
  for (let step = 0; step < 5; step++) {
    clock.advance(5_000);
    await settle();
  }
  t.match(await closed.promise, { code: "peer-silent" });
});

const claim = { sessionId: "s1", key: "secret", receivedBytes: 7 };

void test("who comes back is told where to go on, and gives its carrier to its session", async (t) => {
  const attached = Promise.withResolvers<NotingCarrier>();
  const claims: ResumeClaim[] = [];
  const { dial } = await listen(
    t,
    () => t.fail("no new session"),
    (claim) => {
      claims.push(claim);
      return { receivedBytes: 2 ** 40, attach: attached.resolve };
    },
  );
  const options = { ticket: "good", path: "/tunnel", claim };
  const { carrier, peerReceivedBytes } = await resumeWebSocket({ ...options, socket: dial() });
  t.equal(peerReceivedBytes, 2 ** 40);
  t.strictSame(claims, [claim]);
  const heard: string[] = [];
  const both = Promise.withResolvers<void>();
  (await attached.promise).start({
    onData: (chunk) => heard.push(`bytes ${chunk.toString()}`),
    onNote: (note) => both.resolve(void heard.push(`note ${note}`)),
    onDrain() {},
    onClose() {},
  });
  carrier.send(Buffer.from("a"));
  carrier.sendNote("b");
  await both.promise;
  t.strictSame(heard, ["bytes a", "note b"]);
  carrier.destroy();
});

void test("who may not come back is refused before the upgrade, with the reason, and the ticket comes first", async (t) => {
  let answer: ResumeAnswer = "unknown";
  let asked = 0;
  const { dial } = await listen(
    t,
    () => t.fail("no new session"),
    () => {
      asked += 1;
      return answer;
    },
  );
  const come = (ticket: string, fields: Partial<ResumeClaim> = {}) =>
    resumeWebSocket({ socket: dial(), ticket, path: "/tunnel", claim: { ...claim, ...fields } });
  for (const [refusal, message] of [
    ["unknown", /ended the session/],
    ["wrong-key", /another key/],
    ["impossible", /counted in another way/],
  ] as const) {
    answer = refusal;
    await t.rejects(come("good"), { code: "resume-refused", message });
  }
  t.equal(asked, 3);
  await t.rejects(come("bad"), { code: "ticket-refused" });
  await t.rejects(come("good", { receivedBytes: -1 }), { code: "upgrade-refused" });
  await t.rejects(come("good", { receivedBytes: 2 ** 60 }), { code: "upgrade-refused" });
  t.equal(asked, 3, "no session was asked");
});

void test("a note to who does not take notes ends the carrier", async (t) => {
  const accepted = Promise.withResolvers<NotingCarrier>();
  const { dial } = await listen(t, accepted.resolve);
  const client = await connectWebSocket({ socket: dial(), ticket: "good", path: "/tunnel" });
  const closed = Promise.withResolvers<TunnelError | undefined>();
  client.start({ onData() {}, onDrain() {}, onClose: closed.resolve });
  (await accepted.promise).start({ onData() {}, onDrain() {}, onClose() {} });
  client.sendNote("ack 0");
  t.match(await closed.promise, { code: "carrier-lost", message: /1003/ });
});
