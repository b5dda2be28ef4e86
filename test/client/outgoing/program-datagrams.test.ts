import { createSocket, type Socket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import t from "tap";
import type { DatagramPort } from "../../../src/client/outgoing/index.ts";
import { type Endpoint, formatEndpoint } from "../../../src/kernel/index.ts";
import { until } from "../../fixtures/until.ts";
import { OutgoingStage } from "./outgoing-stage.ts";

/** A socket that answers everything with its own words. */
async function server(
  t: { teardown: (end: () => void) => void },
  answer: string,
  address = "127.0.0.1",
): Promise<{ socket: Socket; at: Endpoint }> {
  const family = address.includes(":") ? 6 : 4;
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  socket.on("message", (bytes, from) =>
    socket.send(`${answer} ${bytes.toString("latin1")}`, from.port, from.address),
  );
  socket.bind(0, address);
  await once(socket, "listening");
  t.teardown(() => socket.close());
  return { socket, at: { family, address, port: socket.address().port } };
}

/** What one UDP socket of the program hears. */
class Program {
  readonly port: DatagramPort;
  readonly heard: string[] = [];
  bytes = 0;
  readonly #told = new EventEmitter();

  constructor(stage: OutgoingStage) {
    this.port = stage.outgoing.datagrams({
      onDatagram: (payload, from) => {
        this.bytes += payload.length;
        this.#hear(`${payload.toString("latin1", 0, 40)} from ${formatEndpoint(from)}`);
      },
      onError: (errno, about) => this.#hear(`${errno} about ${formatEndpoint(about)}`),
    });
  }

  /** So many things, in the order in which they were told. */
  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) await once(this.#told, "told", { signal: AbortSignal.timeout(10_000) });
    return this.heard.splice(0);
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.#told.emit("told");
  }
}

for (const way of ["remote", "local"] as const) {
  void t.test(`datagrams by way of ${way}`, async (t) => {
    await t.test("one socket talks with many, and knows who has answered", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const one = await server(t, "one");
      const other = await server(t, "other");
      const six = await server(t, "six", "::1");
      const program = new Program(stage);
      for (const { at } of [one, other, six]) program.port.send(Buffer.from("q"), at);
      t.same((await program.hears(3)).sort(), [
        `one q from ${formatEndpoint(one.at)}`,
        `other q from ${formatEndpoint(other.at)}`,
        `six q from ${formatEndpoint(six.at)}`,
      ]);
      program.port.close();
      await until(() => stage.agentOutgoing.openFlows === 0, { what: "the agent to close its sockets" });
    });

    await t.test(
      "a connected socket hears that nobody listens, each time, and nothing of strangers",
      async (t) => {
        await using stage = await OutgoingStage.start({ way });
        const { socket, at } = await server(t, "hello");
        const program = new Program(stage);
        program.port.send(Buffer.from("q"), at, { connected: true });
        t.same(await program.hears(1), [`hello q from ${formatEndpoint(at)}`]);
        const nowhere = { ...at, address: "127.0.0.77" };
        for (let round = 0; round < 300; round++) {
          program.port.send(Buffer.from("q"), nowhere, { connected: true });
          const [said] = await program.hears(1);
          if (said !== `ECONNREFUSED about ${formatEndpoint(nowhere)}`) t.fail(String(said));
        }
        const asker = once(socket, "message");
        program.port.send(Buffer.from("again"), at, { connected: true });
        const [, from] = (await asker) as [Buffer, { port: number }]; // What `message` carries.
        await program.hears(1);
        const stranger = createSocket("udp4");
        t.teardown(() => stranger.close());
        stranger.send("x", from.port, "127.0.0.1");
        program.port.send(Buffer.from("last"), at, { connected: true });
        t.same(await program.hears(1), [`hello last from ${formatEndpoint(at)}`]);
        program.port.close();
      },
    );

    await t.test("the largest datagram passes, and a larger one is told of", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const largest = 65_507;
      const sink = createSocket({ type: "udp4", recvBufferSize: 400_000 }).bind(0, "127.0.0.1");
      t.teardown(() => sink.close());
      await once(sink, "listening");
      const at = { family: 4, address: "127.0.0.1", port: sink.address().port } as const;
      const program = new Program(stage);
      const came = once(sink, "message");
      program.port.send(Buffer.alloc(largest, 7), at);
      const [bytes] = (await came) as [Buffer]; // What `message` carries.
      t.ok(bytes.equals(Buffer.alloc(largest, 7)));
      program.port.send(Buffer.alloc(largest + 1), at);
      t.same(await program.hears(1), [`EMSGSIZE about ${formatEndpoint(at)}`]);
      program.port.send(Buffer.from("x"), { ...at, port: 0 });
      t.same(await program.hears(1), ["EINVAL about 127.0.0.1:0"]);
      program.port.close();
    });

    await t.test("what was sent before close leaves", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const { socket, at } = await server(t, "hello");
      const program = new Program(stage);
      const came = once(socket, "message");
      program.port.send(Buffer.from("a last word"), at);
      program.port.close();
      program.port.send(Buffer.from("too late"), at);
      t.equal(String((await came)[0]), "a last word");
      await until(() => stage.agentOutgoing.openFlows === 0, { what: "the agent to close its socket" });
      t.same(program.heard, []);
    });
  });
}

void t.test("who is reached by another address than the program's answers from that one", async (t) => {
  const seen = await server(t, "hello");
  const named = { family: 4, address: "127.77.0.1", port: seen.at.port } as const;
  await using stage = await OutgoingStage.start({
    way: "local",
    reached: (to) =>
      to.protocol === "udp" && to.endpoint.address === named.address ? { ...to, endpoint: seen.at } : to,
  });
  t.equal(stage.outgoing.wayOf({ protocol: "udp", endpoint: named }), "pod", "no source sends it by itself");
  t.equal(stage.outgoing.wayOf({ protocol: "udp", endpoint: seen.at }), "local");
  const program = new Program(stage);
  for (const connected of [false, true]) {
    program.port.send(Buffer.from("q"), named, { connected });
    t.same(await program.hears(1), [`hello q from ${formatEndpoint(named)}`]);
  }
  program.port.close();
});

void t.test("a flood from either side is cut, not kept", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  const { at } = await server(t, "");
  const program = new Program(stage);
  // In one turn of the event loop: the tunnel has had no time to send.
  for (let count = 0; count < 2_000; count++) program.port.send(Buffer.alloc(4_000), at);
  await until(() => program.bytes > 0, { what: "some of it to be answered" });
  t.ok(program.bytes < 2_000 * 4_000);
  program.heard.length = 0;
  program.port.send(Buffer.from("still there"), at);
  await until(() => program.heard.some((text) => text.includes("still there")), {
    what: "an answer behind it",
  });
  program.port.close();
});

void t.test("when the session ends the program is told once it sends", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  const { at } = await server(t, "hello");
  const program = new Program(stage);
  program.port.send(Buffer.from("q"), at);
  await program.hears(1);
  stage.endSession();
  t.same(await program.hears(1), [`ENETDOWN about ${formatEndpoint(at)}`]);
  program.port.send(Buffer.from("q"), at);
  t.same(await program.hears(1), [`ENETDOWN about ${formatEndpoint(at)}`]);
  await until(() => stage.agentOutgoing.openFlows === 0, { what: "the agent to close its socket" });
});

void t.test("questions to the pod's name servers go to who answers them, over UDP and TCP", async (t) => {
  const at = { family: 4, address: "10.96.0.10", port: 53 } as const;
  const asked: string[] = [];
  await using stage = await OutgoingStage.start({
    way: "local",
    nameServer: {
      isMine: ({ address, port }) => address === at.address && port === at.port,
      answer: async (query, via, server) => {
        asked.push(`${query.toString()} ${via} ${formatEndpoint(server)}`);
        if (query.toString() === "silence") return undefined;
        if (query.toString() === "fault") throw new Error("nobody answers");
        return Buffer.from(`${query.toString()}!`);
      },
    },
  });
  t.equal(stage.outgoing.wayOf({ protocol: "udp", endpoint: at }), "pod", "no source sends it by itself");
  const program = new Program(stage);
  for (const question of ["silence", "fault", "redis"]) program.port.send(Buffer.from(question), at);
  t.same(await program.hears(1), [`redis! from ${formatEndpoint(at)}`]);
  program.port.close();

  const signal = new AbortController().signal;
  const connection = await stage.outgoing.connect({ protocol: "tcp", endpoint: at }, { signal });
  const near = await stage.near();
  connection.join(near.fd);
  const framed = (text: string): Buffer => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)]);
  const questions = Buffer.concat(Array.from({ length: 100 }, (_, index) => framed(`q${index}`)));
  const answers = Buffer.concat(Array.from({ length: 100 }, (_, index) => framed(`q${index}!`)));
  for (let cut = 0; cut < questions.length; cut += 7) near.program.write(questions.subarray(cut, cut + 7));
  near.program.end();
  const came: Buffer[] = [];
  near.program.on("data", (chunk: Buffer) => came.push(chunk));
  await once(near.program, "end");
  t.ok(Buffer.concat(came).equals(answers));

  const failing = await stage.outgoing.connect({ protocol: "tcp", endpoint: at }, { signal });
  const other = await stage.near();
  failing.join(other.fd);
  other.program.write(framed("fault"));
  const [error] = (await once(other.program.resume(), "error")) as [NodeJS.ErrnoException]; // What `error` carries.
  t.equal(error.code, "ECONNRESET", "who waits for an answer hears that there is none");
});
