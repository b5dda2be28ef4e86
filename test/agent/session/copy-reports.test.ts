import t from "tap";
import { Mirror } from "../../../src/agent/routing/index.ts";
import { CopyReports } from "../../../src/agent/session/copy-reports.ts";
import type { Copies } from "../../../src/protocol/index.ts";

function reporting() {
  const told: Copies[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const reports = new CopyReports({
    subscription: 3,
    tell: (report) => {
      told.push(report);
      resolve();
    },
  });
  const terms = { sample: 1, maxPerSecond: null, answers: false };
  const mirror = new Mirror({ terms, onCounted: () => reports.due() });
  reports.of(mirror);
  return { told, reports, mirror, first: promise };
}

void t.test("what is counted within a second is told at once at its end", async (t) => {
  const { told, mirror, first } = reporting();
  for (let count = 0; count < 100; count++) mirror.count("sent");
  mirror.drop("dropped", "too slow");
  t.same(told, []);
  await first;
  t.match(told, [{ type: "copies", subscription: 3, sent: 100, dropped: 1, lastDrop: "too slow" }]);
});

void t.test("what was not told yet is told at the end, and nothing behind it", async (t) => {
  const { told, reports, mirror } = reporting();
  mirror.count("failed");
  reports.close();
  mirror.count("failed");
  reports.close();
  t.match(told, [{ failed: 1, lastDrop: null }]);
  t.equal(told.length, 1);
});

void t.test("who counted nothing is told nothing", async (t) => {
  const { told, reports } = reporting();
  reports.close();
  t.same(told, []);
});
