import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { closeDescriptor, openChannelPair, watchReadable } from "../../src/kernel/index.ts";
import { sendNow } from "../../src/kernel/index.ts";
import { inTime } from "../fixtures/in-time.ts";

void t.test(
  "a watch tells of what can be read until it has been, and promises made there go on at once",
  async (t) => {
    const [ours, theirs] = openChannelPair();
    t.teardown(() => [ours, theirs].map(closeDescriptor));
    const calls: string[] = [];
    const third = Promise.withResolvers<void>();
    const watch = watchReadable(ours, () => {
      calls.push("told");
      void Promise.resolve().then(() => calls.push("promise"));
      if (calls.length > 4) third.resolve();
    });
    await turn();
    t.same(calls, [], "nothing is there yet");
    sendNow(theirs, Buffer.from("x"), 0, 1);
    await inTime(third.promise, "what was not read to be told again");
    watch.close();
    watch.close();
    const count = calls.length;
    await turn();
    await turn();
    t.equal(calls.length - count, count % 2, "only the last promise comes behind the close");
    t.same(calls.slice(0, 4), ["told", "promise", "told", "promise"]);
  },
);
