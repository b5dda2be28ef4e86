import t from "tap";
import { FlowWindow } from "../../../src/http/index.ts";

void t.test("gives no more than was granted", async (t) => {
  const window = new FlowWindow({ bytes: 10, streamId: 3 });
  t.equal(window.takeUpTo(7), 7);
  t.equal(window.takeUpTo(7), 3);
  t.equal(window.takeUpTo(7), 0);
  window.grant(1);
  t.equal(window.takeUpTo(7), 1);
});

void t.test("RFC 9113 §6.9.1: a window above 2^31 - 1 ends its stream", async (t) => {
  const window = new FlowWindow({ bytes: 2 ** 31 - 1, streamId: 3 });
  t.throws(() => window.grant(1), { code: "window-overflow", streamId: 3, rfcCode: 3 });
  t.throws(() => window.shift(1), { code: "window-overflow", streamId: 0 });
});

void t.test(
  "RFC 9113 §6.9.2: lowered settings take a window below 0, and it must be filled up first",
  async (t) => {
    const window = new FlowWindow({ bytes: 100, streamId: 3 });
    window.receive(90);
    window.shift(-100);
    t.equal(window.bytes, -90);
    t.equal(window.takeUpTo(1), 0);
    t.doesNotThrow(() => window.receive(0));
    window.grant(91);
    t.equal(window.takeUpTo(5), 1);
  },
);

void t.test("RFC 9113 §6.9: more than was granted ends its stream", async (t) => {
  const window = new FlowWindow({ bytes: 100, streamId: 3 });
  t.throws(() => window.receive(101), { code: "window-exceeded", streamId: 3 });
});
