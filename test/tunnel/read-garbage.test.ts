import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import t from "tap";
import { countReadGarbage } from "../../src/tunnel/read-garbage.ts";
import { until } from "../fixtures/until.ts";

void t.test("what is young is collected for each 8 MB that were read, and not for less", async (t) => {
  let minor = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail: { kind: number } }; // Of entries of type `gc`.
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) minor++;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  t.teardown(() => observer.disconnect());
  for (let mebibyte = 0; mebibyte < 80; mebibyte++) countReadGarbage(1024 * 1024);
  await until(() => minor >= 10, { what: "ten collections" });
  t.ok(minor < 20, `${minor} collections`);
});
