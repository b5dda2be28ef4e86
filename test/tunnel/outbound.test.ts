import { test } from "tap";
import { FrameType, PING_BYTES } from "../../src/protocol/index.ts";
import { type Carrier, type CarrierEvents, Tunnel } from "../../src/tunnel/index.ts";
import { ManualClock } from "./manual-clock.ts";
import { Record, settle } from "./tunnel-pair.ts";

/** Keeps what is sent, and answers each ping after `roundTripMs`. */
class FarCarrier implements Carrier {
  readonly sent: Buffer[] = [];
  readonly bufferedBytes = 0;
  readonly #roundTripMs: number;
  readonly #clock: ManualClock;
  #events: CarrierEvents | undefined;

  constructor(options: { clock: ManualClock; roundTripMs: number }) {
    this.#clock = options.clock;
    this.#roundTripMs = options.roundTripMs;
  }

  start(events: CarrierEvents): void {
    this.#events = events;
  }

  send(chunk: Buffer): void {
    if (chunk[0] !== FrameType.ping || chunk.length !== 8 + PING_BYTES) {
      this.sent.push(chunk);
      return;
    }
    const pong = Buffer.from(chunk);
    pong[0] = FrameType.pong;
    this.#clock.after(this.#roundTripMs, () => this.#events?.onData(pong));
  }

  close(): void {}
  destroy(): void {}
}

/** Sizes of the messages that 200 small streams, opened in one turn, go out in. */
async function messagesOf200Streams(roundTripMs: number): Promise<number[]> {
  const clock = new ManualClock();
  const carrier = new FarCarrier({ clock, roundTripMs });
  const events = { onMessage() {}, onStream: () => undefined, onClose() {} };
  const tunnel = new Tunnel({ carrier, role: "client", events, clock });
  await settle();
  clock.advance(roundTripMs); // The first pong is there.
  await settle();
  for (let count = 0; count < 200; count++) {
    const stream = tunnel.open(Buffer.alloc(0), new Record(false));
    stream.write(Buffer.alloc(1_000));
    stream.end();
  }
  await settle();
  tunnel.destroy();
  return carrier.sent.map(({ length }) => length);
}

void test("on a long way no message is much longer than three packets, on a short one they are few", async (t) => {
  const long = await messagesOf200Streams(40);
  t.ok(Math.max(...long) < 4 * 1024 + 1_008, `at most ${Math.max(...long)} bytes`);
  const short = await messagesOf200Streams(1);
  t.ok(short.length <= 8, `${short.length} messages`);
  const sum = (sizes: readonly number[]): number => sizes.reduce((whole, size) => whole + size, 0);
  t.equal(sum(long), sum(short));
});
