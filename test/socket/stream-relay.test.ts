import t from "tap";
import { type Peer, StreamRelay } from "../../src/socket/index.ts";
import { type Record, settle, TunnelPair } from "../tunnel/tunnel-pair.ts";

/** A connection that takes what it is given, and says what that was. */
function noting() {
  const said: string[] = [];
  let takesMore = true;
  const say = (what: string) => () => void said.push(what);
  const peer = {
    isEnded: false,
    isTruncated: false,
    giveTo: () => undefined,
    write: () => true,
    give: (bytes: Buffer, moreFollows: boolean) => {
      said.push(`${bytes.length}${moreFollows ? " and more" : ""}`);
      return takesMore;
    },
    pause: say("pause"),
    resume: say("resume"),
    end: say("end"),
    cut: say("cut"),
    leave: say("leave"),
    reset: say("reset"),
    destroy: say("destroy"),
  } satisfies Peer;
  const fill = (): void => {
    takesMore = false;
  };
  return { peer, said, fill };
}

/** A relay at the agent's end of a stream, and the client's end. */
async function joined({ maxChunkBytes }: { maxChunkBytes?: number } = {}) {
  const { pair } = TunnelPair.inMemory(maxChunkBytes === undefined ? {} : { link: { maxChunkBytes } });
  const { stream, record } = pair.open();
  const accepted = await pair.acceptedAt(0);
  let over = 0;
  const relay = new StreamRelay({ stream: accepted.stream, lostCode: "local-closed", onOver: () => over++ });
  Object.assign(accepted, {
    onHead: () => relay.onHead(),
    onData: (chunk: Buffer) => relay.onData(chunk),
    onEnd: () => relay.onEnd(),
    onReset: () => relay.onReset(),
    onDrain: () => relay.onDrain(),
  } satisfies Partial<Record>);
  return { pair, stream, record, relay, over: () => over };
}

void t.test("frames that come together leave together, and the last one at once", async (t) => {
  const { pair, stream, relay } = await joined();
  await using _ = pair;
  const { peer, said } = noting();
  relay.join(peer);
  stream.write(Buffer.alloc(40_000));
  await settle();
  t.same(said, ["16384 and more", "16384 and more", "7232"]);
  stream.write(Buffer.alloc(10));
  stream.end();
  await settle();
  t.same(said.splice(3), ["10", "end"], "what was said before the end comes before it");
});

void t.test("what comes before the connection is kept for it, in order, within the credit", async (t) => {
  const { pair, stream, relay } = await joined();
  await using _ = pair;
  stream.write(Buffer.alloc(1_000_000));
  stream.end();
  await settle();
  const { peer, said } = noting();
  relay.join(peer);
  const early = said.map(Number).reduce((sum, bytes) => sum + bytes, 0);
  t.equal(early, 64 * 1024);
  await settle();
  t.equal(said.at(-1), "end");
  t.equal(
    said.slice(0, -1).reduce((sum, text) => sum + Number.parseInt(text, 10), 0),
    1_000_000,
  );
});

void t.test("a connection that is full gives no credit before it has drained", async (t) => {
  const { pair, stream, relay } = await joined();
  await using _ = pair;
  const { peer, said, fill } = noting();
  fill();
  relay.join(peer);
  stream.write(Buffer.alloc(1_000_000));
  await settle();
  const bytes = (): number => said.reduce((sum, text) => sum + Number.parseInt(text, 10), 0);
  t.equal(bytes(), 64 * 1024);
  relay.peerOwner.onDrain(peer);
  await settle();
  t.equal(bytes(), 128 * 1024);
});

void t.test("each side's loss is the other's, once", async (t) => {
  const one = await joined();
  await using _ = one.pair;
  const first = noting();
  one.relay.join(first.peer);
  one.relay.peerOwner.onClosed(first.peer, Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  await one.record.untilTold("reset local-closed");
  one.relay.lose("internal", "again");
  t.equal(one.over(), 1);

  const other = await joined();
  t.teardown(() => other.pair[Symbol.asyncDispose]());
  const second = noting();
  other.relay.join(second.peer);
  other.stream.reset("cancelled");
  await settle();
  t.same(second.said, ["reset"]);
  t.equal(other.over(), 1);
  const late = noting();
  other.relay.join(late.peer);
  t.same(late.said, ["reset"], "one that comes too late is reset, too");
});

void t.test("a head on a connection's stream breaks it", async (t) => {
  const { pair, stream, record, relay } = await joined();
  await using _ = pair;
  const { peer, said } = noting();
  relay.join(peer);
  stream.sendHead(Buffer.from("{}"));
  await record.untilTold("reset protocol-error");
  t.same(said, ["reset"]);
});
