import t from "tap";
import { lossOfFlags } from "../../../src/client/subscription-flags/loss-flags.ts";

void t.test("the grace time is a duration of at most ten minutes, or 0", (t) => {
  const read = (grace: string) => lossOfFlags({ grace, onLost: "exit" }).graceMs;
  t.strictSame(["30s", "0", "500ms", "10m"].map(read), [30_000, 0, 500, 600_000]);
  for (const grace of ["", "30", "11m", "-1s", "forever"])
    t.throws(() => read(grace), { code: "usage" }, grace);
  t.end();
});
