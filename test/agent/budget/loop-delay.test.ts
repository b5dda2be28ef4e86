import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { LoopDelay } from "../../../src/agent/budget/loop-delay.ts";

function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

void t.test(
  "a loop that was blocked was late by about that, and the next look knows nothing of it",
  async (t) => {
    const loop = new LoopDelay();
    await delay(50);
    block(200);
    await delay(50);
    const { max, p99, p50 } = loop.look();
    t.ok(max >= 170, `${max} ms`);
    t.ok(p99 >= 170 && p50 <= max, "which is also the slowest in a hundred of so few");
    const again = loop.look();
    t.same(again, { p50: 0, p99: 0, max: 0 }, "nothing was measured since");
    loop.stop();
  },
);
