import t from "tap";
import { type Established, isBusy, parseEstablished } from "../../../src/agent/redirect/take-over.ts";

const idle: Established = {
  local: "10.0.0.1:80",
  peer: "10.0.0.9:4000",
  lastSentMs: 10_000,
  lastReceivedMs: 10_001,
  queuedBytes: 0,
  isUnanswered: false,
};

void t.test(
  "ss(8): one connection a line, with what its queues hold and when it last carried data",
  async (t) => {
    const text = [
      "0      0             10.77.0.1:80        10.77.0.2:41922 uid:1 ino:5 sk:1 cubic wscale:7,7 bytes_sent:9 bytes_received:7 lastsnd:5228 lastrcv:5230 lastack:5228",
      "ESTAB 12 3 [fd77::1]:80 [fd77::2]:4000 cubic bytes_received:7 lastrcv:7",
      "",
    ].join("\n");
    t.same(parseEstablished(text), [
      {
        local: "10.77.0.1:80",
        peer: "10.77.0.2:41922",
        lastSentMs: 5_228,
        lastReceivedMs: 5_230,
        queuedBytes: 0,
        isUnanswered: false,
      },
      {
        local: "[fd77::1]:80",
        peer: "[fd77::2]:4000",
        lastSentMs: 0,
        lastReceivedMs: 7,
        queuedBytes: 15,
        isUnanswered: true,
      },
    ]);
  },
);

void t.test("RFC 4291 §2.5.5.2: IPv4 on a socket for both families is written as IPv4", async (t) => {
  t.match(parseEstablished("0 0 [::ffff:10.0.0.1]:80 [::ffff:10.0.0.2]:9 lastsnd:1 lastrcv:1"), [
    { local: "10.0.0.1:80", peer: "10.0.0.2:9" },
  ]);
});

void t.test("what is no connection is left out", async (t) => {
  t.same(parseEstablished("State Recv-Q Send-Q\n\nnonsense\n"), []);
});

void t.test("a connection whose last word was the app's, long ago, is idle", async (t) => {
  t.equal(isBusy(idle), false);
});

void t.test("queued bytes, a client's last word, or data just now make it busy", async (t) => {
  t.equal(isBusy({ ...idle, queuedBytes: 1 }), true);
  t.equal(isBusy({ ...idle, isUnanswered: true }), true);
  t.equal(isBusy({ ...idle, lastReceivedMs: 9_999 }), true);
  t.equal(isBusy({ ...idle, lastSentMs: 100, lastReceivedMs: 101 }), true);
  t.equal(isBusy({ ...idle, lastSentMs: 0, lastReceivedMs: 0 }), true);
});

void t.test(
  "where the kernel's tick hides whose word was the last, it must be idle for longer",
  async (t) => {
    t.equal(isBusy({ ...idle, lastSentMs: 2_900, lastReceivedMs: 2_900 }), true);
    t.equal(isBusy({ ...idle, lastSentMs: 3_000, lastReceivedMs: 3_000 }), false);
  },
);
