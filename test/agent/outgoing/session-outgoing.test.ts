import t from "tap";
import { Outgoing } from "../../../src/agent/outgoing/index.ts";
import { AppRoots } from "../../../src/agent/outgoing/app-roots.ts";
import { OpenCount } from "../../../src/agent/open-count.ts";
import { SessionOutgoing } from "../../../src/agent/outgoing/session-outgoing.ts";
import { decodeConnectAnswer } from "../../../src/protocol/index.ts";
import { ReadBuffers } from "../../../src/socket/index.ts";
import { until } from "../../fixtures/until.ts";
import { TunnelPair } from "../../tunnel/tunnel-pair.ts";

void t.test("places are counted here and in all, and neither may be passed", async (t) => {
  const all = new OpenCount(3);
  const one = new OpenCount(2, all);
  const other = new OpenCount(9, all);
  t.same([one.enter(), one.enter(), one.enter()], [true, true, false]);
  t.same([other.enter(), other.enter()], [true, false]);
  t.same([one.count, other.count, all.count], [2, 1, 3]);
  one.leave();
  t.equal(other.enter(), true);
});

void t.test(
  "beyond its places a session is told EMFILE, and has them again when flows are over",
  async (t) => {
    using roots = new AppRoots();
    const connections = new OpenCount(2);
    const datagramSockets = new OpenCount(1);
    const served = new SessionOutgoing({
      readBuffers: new ReadBuffers(),
      roots,
      connections,
      datagramSockets,
    });
    const { pair } = TunnelPair.inMemory();
    await using _ = pair;
    const open = async (kind: "tcp" | "udp"): Promise<{ reset: () => void; answer: Promise<string> }> => {
      const count = pair.accepted.length;
      const { stream, record } = pair.open();
      const accepted = await pair.acceptedAt(count);
      const to = { address: "127.0.0.1", port: 9 };
      const events =
        kind === "udp"
          ? served.datagrams(accepted.stream, { kind: "datagrams", family: 4, to: null })
          : served.connectUnix(accepted.stream, {
              kind: "connect-unix",
              path: `\0nobody-${process.pid}-${to.port}`,
              type: "stream",
              process: process.pid,
            });
      Object.assign(accepted, {
        onReset: () => events.onReset("cancelled", ""),
        onEnd: () => events.onEnd(),
      });
      const answer = record
        .until(({ told }) => told.some((what) => what.startsWith("head ")))
        .then(() => {
          const head = record.told.find((what) => what.startsWith("head ")) ?? "";
          const said = decodeConnectAnswer(Buffer.from(head.slice(5)));
          return said.outcome === "failed" ? said.errno : said.outcome;
        });
      return { reset: () => stream.reset("cancelled"), answer };
    };
    const first = await open("udp");
    t.equal(await first.answer, "connected");
    t.equal(await (await open("udp")).answer, "EMFILE");
    first.reset();
    await until(() => datagramSockets.count === 0, { what: "its place to be free" });
    t.equal(await (await open("udp")).answer, "connected");
    t.equal(connections.enter() && connections.enter(), true);
    t.equal(await (await open("tcp")).answer, "EMFILE");
    connections.leave();
    t.equal(await (await open("tcp")).answer, "ECONNREFUSED", "an abstract name that nobody has");
    t.equal(connections.count, 1, "what has failed takes no place");
  },
);

void t.test("an agent counts the flows of all its sessions", async (t) => {
  using outgoing = new Outgoing();
  t.equal(outgoing.openFlows, 0);
  t.not(outgoing.forSession(), outgoing.forSession());
});
