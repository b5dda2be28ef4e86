import t from "tap";
import { LateReceiver, type StreamReceiver } from "../../../src/client/running/stream-receiver.ts";

function receiver(): StreamReceiver & { closed: number } {
  const none = () => undefined;
  return {
    closed: 0,
    count: 3,
    open: () => ({ onHead: none, onData: none, onEnd: none, onReset: none, onDrain: none }),
    settled: () => Promise.resolve(),
    leave: none,
    close() {
      this.closed++;
    },
    [Symbol.dispose]: none,
  };
}

void t.test("it is made once, when it is needed, and counts nothing before", async (t) => {
  let made = 0;
  const late = new LateReceiver(() => {
    made++;
    return Promise.resolve(receiver());
  });
  t.equal(late.count, 0);
  await late.settled({ signal: new AbortController().signal });
  await Promise.all([late.ready(), late.ready()]);
  t.equal(made, 1);
  t.equal(late.count, 3);
});

void t.test("one that is made too late is closed at once", async (t) => {
  const made = receiver();
  const late = new LateReceiver(() => Promise.resolve(made));
  const ready = late.ready();
  late.close();
  await ready;
  t.equal(made.closed, 1);
});
