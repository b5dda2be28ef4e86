import { createHash } from "node:crypto";
import { test } from "tap";
import { type CarrierEvents, MemoryCarrier, ResumableCarrier } from "../../src/tunnel/index.ts";
import { seededRandom } from "../fixtures/byte-splits.ts";
import { checkCarrier } from "./carrier-compliance.ts";
import { ManualClock } from "./manual-clock.ts";
import { ResumableLink } from "./resumable-link.ts";
import { settle, turn, TunnelPair } from "./tunnel-pair.ts";

/** Bytes that say where they belong. */
function numbered(from: number, bytes: number): Buffer {
  return Buffer.from(
    Array.from({ length: bytes }, (_, index) => ((from + index) * 31 + ((from + index) >> 8)) & 255),
  );
}

/** A carrier whose peer's end is in the test's hands. */
function againstRaw(options: Partial<ConstructorParameters<typeof ResumableCarrier>[0]> = {}) {
  const [raw, far] = MemoryCarrier.pair();
  const told: string[] = [];
  const notes: string[] = [];
  const carrier = new ResumableCarrier({
    ...options,
    raw,
    onDetached: ({ code }) => told.push(`detached ${code}`),
  });
  carrier.graceMs = 1_000;
  carrier.start({
    onData() {},
    onDrain: () => told.push("drain"),
    onClose: (error) => told.push(`closed ${error?.code ?? "on purpose"}`),
  });
  far.start({
    onData() {},
    onDrain() {},
    onClose: () => told.push("far end closed"),
    onNote: (note) => notes.push(note),
  });
  return { carrier, raw, far, told, notes };
}

for (const maxChunkBytes of [undefined, 7])
  void test(`a resumable carrier is a carrier, cut at ${maxChunkBytes ?? "nothing"}`, async (t) => {
    checkCarrier(t, async (t) => {
      const { client, agent } = new ResumableLink({
        link: maxChunkBytes === undefined ? {} : { maxChunkBytes },
      });
      t.teardown(() => client.carrier.destroy());
      return { client: client.carrier, agent: agent.carrier };
    });
  });

void test("a cut behind any byte loses none and repeats none", async (t) => {
  const frames = [1, 5, 2, 9, 3, 16, 4];
  const whole = numbered(
    0,
    frames.reduce((sum, bytes) => sum + bytes),
  );
  for (let cutAt = 1; cutAt <= whole.length; cutAt++) {
    const link = new ResumableLink({ link: { maxChunkBytes: 1 } }).start();
    link.agent.onData = () => {
      if (link.agent.carrier.receivedBytes === cutAt) link.raw.cut();
    };
    let at = 0;
    for (const bytes of frames) link.client.carrier.send(whole.subarray(at, (at += bytes)));
    await settle();
    t.equal(link.agent.received.length, cutAt);
    link.agent.onData = undefined;
    link.rejoin();
    await settle();
    if (!link.agent.received.equals(whole)) t.fail(`cut behind ${cutAt}`);
    link.client.carrier.destroy();
  }
});

void test("random cuts, noticed by one end or both, lose nothing and repeat nothing, and memory is bounded", async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const upTo = (bound: number): number => Math.floor(random() * bound);
    const replayBytes = 20_000;
    const link = new ResumableLink({ replayBytes, link: { maxChunkBytes: 1 + upTo(3_000) } }).start();
    const ends = [link.client, link.agent] as const;
    const sent = [0, 0];
    let most = 0;
    for (let step = 0; step < 300; step++) {
      const which = upTo(2) as 0 | 1;
      if (ends[which].carrier.bufferedBytes < replayBytes) {
        const bytes = 1 + upTo(4_000);
        ends[which].carrier.send(numbered(sent[which] ?? 0, bytes));
        sent[which] = (sent[which] ?? 0) + bytes;
      }
      for (let turns = upTo(4); turns > 0; turns--) await turn();
      if (random() < 0.05 && !link.client.carrier.isDetached) {
        if (random() < 0.5) link.raw.cut();
        else {
          // Only the client notices.
          link.raw.swallow();
          link.client.carrier.reclaim(link.agent.carrier.receivedBytes);
        }
        for (let turns = upTo(6); turns > 0; turns--) await turn();
        if (link.client.carrier.isDetached && random() < 0.8) link.rejoin();
      } else if (link.client.carrier.isDetached) link.rejoin();
      most = Math.max(most, ...ends.map(({ carrier }) => (carrier.isDetached ? 0 : carrier.bufferedBytes)));
    }
    if (link.client.carrier.isDetached) link.rejoin();
    await settle();
    const about = `seed ${seed}`;
    if (!link.agent.received.equals(numbered(0, sent[0] ?? 0))) t.fail(`client to agent, ${about}`);
    if (!link.client.received.equals(numbered(0, sent[1] ?? 0))) t.fail(`agent to client, ${about}`);
    t.ok((sent[0] ?? 0) > 50_000 && most < replayBytes + 4_000, about);
    link.client.carrier.destroy();
  }
});

void test("streams of a tunnel go on through many cuts, and so do its messages", async (t) => {
  const random = seededRandom(7);
  const link = new ResumableLink();
  const pair = new TunnelPair({ client: link.client.carrier, agent: link.agent.carrier });
  await using _ = pair;
  const content = Array.from({ length: 4 }, (_, index) => numbered(index * 1_000, 700_000));
  const streams = content.map(() => pair.open().stream);
  content.forEach((bytes, index) => {
    streams[index]?.write(bytes);
    streams[index]?.end();
  });
  const accepted = () => pair.accepted.filter(({ told }) => told.includes("end"));
  for (let cuts = 0; accepted().length < content.length; cuts++) {
    for (let turns = Math.floor(random() * 12); turns > 0; turns--) await turn();
    pair.client.sendMessage({ cuts });
    link.raw.cut();
    await turn();
    link.rejoin();
  }
  const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
  for (const bytes of content)
    t.ok(accepted().some(({ chunks }) => sha(Buffer.concat(chunks)) === sha(bytes)));
  await settle();
  t.ok(link.client.told.filter((what) => what === "attached").length > 5);
  const order = pair.messages.map((message) => (JSON.parse(message) as { cuts: number }).cuts);
  t.strictSame(
    order,
    order.map((_, index) => index),
    "each one once, in order",
  );
});

void test("while it is detached, what a tunnel is given waits there and may still be withdrawn", async (t) => {
  const link = new ResumableLink();
  const pair = new TunnelPair({ client: link.client.carrier, agent: link.agent.carrier });
  await using _ = pair;
  const { stream } = pair.open("before");
  await pair.acceptedAt(0);
  link.raw.cut();
  await settle();
  const withdrawn = pair.open("withdrawn").stream;
  pair.open("late");
  stream.write(Buffer.from("waits"));
  await settle();
  withdrawn.reset("cancelled");
  await settle();
  t.strictSame(pair.openings, ["before"]);
  link.rejoin();
  await (await pair.acceptedAt(0)).untilTold("data");
  await pair.acceptedAt(1);
  await settle();
  t.strictSame(pair.openings, ["before", "late"]);
});

void test("acknowledgements come for so many bytes, or after a while, not for every message", async (t) => {
  const clock = new ManualClock();
  const { far, notes } = againstRaw({ clock });
  for (let count = 0; count < 255; count++) far.send(Buffer.alloc(4_096));
  await settle();
  t.strictSame(notes, []);
  far.send(Buffer.alloc(4_096));
  await settle();
  t.strictSame(notes, ["ack 1048576"]);
  far.send(Buffer.alloc(10));
  far.send(Buffer.alloc(10));
  await settle();
  t.equal(notes.length, 1);
  clock.advance(250);
  await settle();
  t.strictSame(notes.slice(1), ["ack 1048596"]);
  clock.advance(2_000);
  await settle();
  t.equal(notes.length, 2, "what was acknowledged is not said again but as a beat");
});

void test("when too much is unacknowledged it all counts as buffered, and an acknowledgement makes room", async (t) => {
  const { carrier, far, told } = againstRaw({ replayBytes: 1_000 });
  carrier.send(Buffer.alloc(999));
  await settle();
  t.equal(carrier.bufferedBytes, 0);
  carrier.send(Buffer.alloc(500));
  await settle();
  t.equal(carrier.bufferedBytes, 1_499);
  told.length = 0;
  far.sendNote("ack 999");
  await settle();
  t.equal(carrier.bufferedBytes, 0);
  t.strictSame(told, ["drain"]);
  carrier.destroy();
});

void test("who comes back with counts that cannot be is refused, and nothing changes", async (t) => {
  const { carrier, far, told } = againstRaw();
  carrier.send(Buffer.alloc(100));
  far.sendNote("ack 60");
  await settle();
  told.length = 0;
  for (const receivedBytes of [59, 101, -1, Number.NaN]) t.equal(carrier.reclaim(receivedBytes), undefined);
  t.strictSame(told, []);
  t.notOk(carrier.isDetached);
  t.equal(carrier.reclaim(60), 0);
  t.ok(carrier.isDetached);
  const [raw] = MemoryCarrier.pair();
  carrier.attach(raw, 101);
  t.strictSame(
    told.filter((what) => what !== "far end closed"),
    ["detached carrier-lost", "closed protocol-error"],
  );
  t.equal(carrier.reclaim(60), undefined, "what is over stays over");
});

void test("without a grace time a lost carrier is the end, and nobody comes back", async (t) => {
  const { carrier, raw, told } = againstRaw();
  carrier.graceMs = 0;
  t.equal(carrier.reclaim(0), undefined);
  raw.cut();
  t.strictSame(told, ["closed carrier-lost", "far end closed"]);
});

void test("a carrier that nobody waits for is destroyed", async (t) => {
  const { carrier, told } = againstRaw();
  for (const end of [() => {}, () => carrier.destroy()]) {
    end();
    const [late, other] = MemoryCarrier.pair();
    const closed = new Promise((resolve) => other.start({ onData() {}, onDrain() {}, onClose: resolve }));
    carrier.attach(late, 0);
    t.match(await closed, { code: "carrier-lost" });
  }
  t.notOk(told.includes("drain"));
});

void test("the newer of two carriers has the session, and the older one is not listened to any more", async (t) => {
  const link = new ResumableLink().start();
  const older = link.raw;
  older.stall();
  link.client.carrier.send(Buffer.from("one "));
  link.client.carrier.reclaim(0);
  link.rejoin();
  link.client.carrier.send(Buffer.from("two"));
  older.resume();
  await settle();
  t.equal(link.agent.received.toString(), "one two");
});

void test("what a raw carrier tells after it was given up is not heard", async (t) => {
  const told: CarrierEvents[] = [];
  const raw = {
    ...{ bufferedBytes: 0, send() {}, sendNote() {}, close() {}, destroy() {} },
    start: (events: CarrierEvents) => told.push(events),
  };
  const carrier = new ResumableCarrier({ raw });
  carrier.graceMs = 30_000;
  const heard: string[] = [];
  carrier.start({
    onData: (chunk) => heard.push(chunk.toString()),
    onDrain: () => heard.push("drain"),
    onClose: () => heard.push("closed"),
  });
  told[0]?.onData(Buffer.from("one"));
  t.equal(carrier.reclaim(0), 3);
  for (const events of told) {
    events.onData(Buffer.from("late"));
    events.onDrain();
    events.onNote?.("end");
    events.onClose(undefined);
  }
  t.strictSame(heard, ["one"]);
  t.equal(carrier.receivedBytes, 3);
  carrier.destroy();
});

void test("nobody comes back: both ends are over when the grace time is, not before", async (t) => {
  const clock = new ManualClock();
  const link = new ResumableLink({ clock, graceMs: 3_000 }).start();
  link.raw.cut();
  clock.advance(2_900);
  t.strictSame(link.client.told, ["detached carrier-lost"]);
  clock.advance(100);
  for (const { told, closedBy } of [link.client, link.agent]) {
    t.strictSame(told, ["detached carrier-lost", "closed grace-over"]);
    t.match(closedBy?.message, /within 3 s/);
  }
  t.throws(() => link.rejoin());
});

void test("of a time in which the loop stood still only a part counts", async (t) => {
  const clock = new ManualClock();
  const link = new ResumableLink({ clock, graceMs: 3_000 }).start();
  link.raw.cut();
  clock.jump(60_000);
  link.rejoin();
  await settle();
  t.strictSame(link.agent.told, ["detached carrier-lost", "attached"]);
});

void test("a peer of whom nothing is heard is given up within 15 s, on both ends, and not within 10", async (t) => {
  for (let cutAtMs = 0; cutAtMs < 3_000; cutAtMs += 500) {
    const clock = new ManualClock();
    const link = new ResumableLink({ clock, link: { clock, delayMs: 1 } }).start();
    clock.advance(9_000 + cutAtMs);
    link.raw.swallow();
    link.client.carrier.send(Buffer.alloc(1)); // Nothing comes back for it.
    clock.advance(1);
    t.strictSame(link.agent.told, []);
    const far = link.agent.carrier;
    clock.advance(6_900);
    t.notOk(link.client.carrier.isDetached || far.isDetached);
    clock.advance(8_000);
    t.strictSame(link.agent.told, ["detached peer-silent"], `cut ${cutAtMs} ms behind a beat`);
    link.client.carrier.destroy();
    far.destroy();
  }
});

void test("idle ends hear each other's beats; a loop that was held up listens again before it judges", async (t) => {
  const clock = new ManualClock();
  const link = new ResumableLink({ clock }).start();
  for (let step = 0; step < 60; step++) {
    clock.advance(1_000);
    await settle();
  }
  clock.jump(60_000);
  await settle();
  clock.advance(2_900);
  await settle();
  clock.advance(60);
  await settle();
  t.strictSame([...link.client.told, ...link.agent.told], []);
});

void test("who ends it on purpose is not waited for, even by who was detached from it before", async (t) => {
  const link = new ResumableLink().start();
  link.raw.cut();
  link.rejoin();
  link.client.carrier.destroy();
  await settle();
  t.strictSame(link.agent.told, ["detached carrier-lost", "attached", "closed carrier-lost"]);
});

void test("what was sent before a close arrives, though the carrier is lost amid it", async (t) => {
  const link = new ResumableLink({ link: { maxChunkBytes: 10 } }).start();
  link.agent.onData = () => {
    if (link.agent.carrier.receivedBytes === 500) link.raw.cut();
  };
  link.client.carrier.send(numbered(0, 1_000));
  link.client.carrier.close();
  link.client.carrier.send(Buffer.from("ignored"));
  await settle();
  t.strictSame(link.client.told, ["detached carrier-lost"]);
  link.rejoin();
  await settle();
  t.ok(link.agent.received.equals(numbered(0, 1_000)));
  t.equal(link.agent.told.at(-1), "closed on purpose");
  t.equal(link.client.told.at(-1), "closed on purpose");
});

void test("a note that cannot be read, or acknowledges what was not sent, ends it", async (t) => {
  for (const note of [
    "",
    "ack",
    "ack ",
    "ack 01",
    "ack -1",
    "ack 1e3",
    "ack 101",
    "ack 99999999999999999999",
    "hello",
    "x".repeat(10_000),
  ]) {
    const { carrier, far, told, notes } = againstRaw();
    carrier.send(Buffer.alloc(100));
    far.sendNote(note);
    await settle();
    t.ok(told.includes("closed protocol-error"), note.slice(0, 30));
    t.equal(notes.at(-1), "end", "and the peer is not left waiting");
  }
});
