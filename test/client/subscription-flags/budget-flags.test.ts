import t from "tap";
import { budgetOf } from "../../../src/client/subscription-flags/budget-flags.ts";

void t.test("--budget names the agent's limits, each with its unit", (t) => {
  t.same(budgetOf("latency=100ms"), { maxAddedLatencyMs: 100 });
  t.same(budgetOf("loop=0.2s,memory=2GB,latency=1s"), {
    maxLoopDelayMs: 200,
    maxRssMb: 2_048,
    maxAddedLatencyMs: 1_000,
  });
  t.same(budgetOf("memory=512MB,memory=256MB"), { maxRssMb: 256 }, "the last one counts");
  t.end();
});

void t.test("anything else is a mistake of the command line, and named", (t) => {
  const texts = [
    "",
    "latency",
    "latency=",
    "latency=0",
    "loop=5",
    "memory=5",
    "memory=0MB",
    "memory=2000GB",
    "cpu=1",
  ];
  for (const text of [...texts, "latency=1s=2s", "__proto__=1s", "toString=1s"])
    t.throws(() => budgetOf(text), { code: "usage", message: JSON.stringify(text) }, text);
  t.throws(() => budgetOf("loop=1s,cpu=1"), { message: '"cpu=1"' });
  t.end();
});
