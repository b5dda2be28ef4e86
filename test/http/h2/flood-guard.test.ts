import t from "tap";
import { FLOOD_RATES, FloodGuard, type FloodKind, TokenBucket } from "../../../src/http/index.ts";

void t.test("a bucket allows its burst at once and its rate for ever", async (t) => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 1_000);
  t.same(
    [1, 2, 3, 4].map(() => bucket.take(1_000)),
    [true, true, true, false],
  );
  t.equal(bucket.take(1_499), false);
  t.equal(bucket.take(1_500), true);
  t.equal(bucket.take(1_400), false, "a clock that went back gives nothing");
  t.same(
    [1, 2, 3, 4].map(() => bucket.take(60_000)),
    [true, true, true, false],
  );
});

for (const [kind, rate] of Object.entries(FLOOD_RATES)) {
  void t.test(`${kind}: the burst passes, one more is ENHANCE_YOUR_CALM`, async (t) => {
    const guard = new FloodGuard(0);
    for (let count = 0; count < rate.burst; count++) guard.count(kind as FloodKind, 0); // A key of the table.
    t.throws(() => guard.count(kind as FloodKind, 0), { code: "flood", rfcCode: 11, streamId: 0 });
    t.doesNotThrow(() => guard.count(kind as FloodKind, 1_000));
  });
}
