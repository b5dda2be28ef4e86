import type { Test } from "tap";
import { INITIAL_WINDOW_BYTES } from "../../src/protocol/index.ts";
import type { Carrier, TunnelError } from "../../src/tunnel/index.ts";
import { settle, TunnelPair } from "./tunnel-pair.ts";

/** Makes two linked carriers that are not started; they are ended when the test is over. */
export type MakeLink = (t: Test) => Promise<{ client: Carrier; agent: Carrier }>;

/** What every carrier must do, alone and under a tunnel. */
export function checkCarrier(t: Test, makeLink: MakeLink): void {
  void t.test("bytes arrive in order, those that came before start included", async (t) => {
    const { client, agent } = await makeLink(t);
    client.start(listener({}));
    for (let value = 0; value < 50; value++) client.send(Buffer.alloc(5_000, value));
    const whole = await new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      agent.start(
        listener({
          onData: (chunk) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes === 250_000) resolve(Buffer.concat(chunks));
          },
        }),
      );
    });
    t.ok(whole.every((byte, index) => byte === Math.floor(index / 5_000)));
  });

  void t.test("bufferedBytes grows with send and falls to zero with a drain", async (t) => {
    const { client, agent } = await makeLink(t);
    agent.start(listener({}));
    const drained = Promise.withResolvers<void>();
    client.start(listener({ onDrain: () => client.bufferedBytes === 0 && drained.resolve() }));
    client.send(Buffer.alloc(10_000));
    t.equal(client.bufferedBytes, 10_000);
    await drained.promise;
  });

  void t.test("close sends what is buffered, then both ends close without an error", async (t) => {
    const { client, agent } = await makeLink(t);
    let bytes = 0;
    const agentClosed = closing(agent, (chunk) => (bytes += chunk.length));
    const clientClosed = closing(client);
    client.send(Buffer.alloc(100_000));
    client.close();
    client.close();
    t.equal(await agentClosed, undefined);
    t.equal(await clientClosed, undefined);
    t.equal(bytes, 100_000);
  });

  void t.test("destroy tells the other end that the carrier is lost", async (t) => {
    const { client, agent } = await makeLink(t);
    const agentClosed = closing(agent);
    client.start(listener({}));
    client.destroy();
    client.destroy();
    client.send(Buffer.alloc(1));
    t.match(await agentClosed, { code: "carrier-lost" });
  });

  void t.test("a tunnel carries heads, data both ways and half-closes in order", async (t) => {
    await using pair = new TunnelPair(await makeLink(t));
    const { stream, record } = pair.open("GET /");
    stream.sendHead(Buffer.from("one"));
    stream.write(Buffer.alloc(100_000, 1));
    stream.sendHead(Buffer.from("two"));
    stream.end();
    const accepted = await pair.acceptedAt(0);
    await accepted.untilTold("end");
    t.strictSame(accepted.told, ["head one", "data", "head two", "end"]);
    t.strictSame(pair.openings, ["GET /"]);
    t.equal(accepted.bytes, 100_000);
    accepted.stream.write(Buffer.from("answer"));
    accepted.stream.end();
    await record.untilTold("end");
    t.equal(Buffer.concat(record.chunks).toString(), "answer");
    t.equal(pair.client.streamCount, 0);
    await settle();
    t.equal(pair.agent.streamCount, 0);
  });

  void t.test("a reader that does not consume gets one window, and stops no other stream", async (t) => {
    await using pair = new TunnelPair(await makeLink(t));
    pair.accepts = "idler";
    const { stream: stalled } = pair.open("stalled");
    stalled.write(Buffer.alloc(1_000_000));
    const idler = await pair.acceptedAt(0);
    await idler.until(({ bytes }) => bytes === INITIAL_WINDOW_BYTES);
    pair.accepts = "reader";
    const { stream } = pair.open("other");
    stream.write(Buffer.alloc(1_000_000));
    stream.end();
    await (await pair.acceptedAt(1)).untilTold("end");
    t.equal(idler.bytes, INITIAL_WINDOW_BYTES);
    idler.stream.consumed(idler.bytes);
    await idler.until(({ bytes }) => bytes > INITIAL_WINDOW_BYTES);
  });

  void t.test("a graceful close waits for streams, then closes both ends on purpose", async (t) => {
    const pair = new TunnelPair(await makeLink(t));
    const { stream } = pair.open();
    const accepted = await pair.acceptedAt(0);
    const closed = pair.client.close();
    stream.write(Buffer.alloc(300_000));
    stream.end();
    await accepted.untilTold("end");
    accepted.stream.end();
    await closed;
    t.equal(await pair.clientClosed.promise, undefined);
    t.equal(await pair.agentClosed.promise, undefined);
    t.equal(accepted.bytes, 300_000);
  });
}

function listener(events: Partial<Parameters<Carrier["start"]>[0]>): Parameters<Carrier["start"]>[0] {
  return { onData() {}, onDrain() {}, onClose() {}, ...events };
}

function closing(
  carrier: Carrier,
  onData: (chunk: Buffer) => void = () => {},
): Promise<TunnelError | undefined> {
  return new Promise((resolve) => carrier.start(listener({ onData, onClose: resolve })));
}
