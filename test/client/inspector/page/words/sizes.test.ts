import t from "tap";
import {
  counted,
  durationInWords,
  inThousands,
  sizeInWords,
} from "../../../../../src/client/inspector/page/words/sizes.ts";

void t.test("sizes, durations and counts have few digits and the right unit at each border", (t) => {
  t.same([0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 1.2e9].map(sizeInWords), [
    "0 B",
    "999 B",
    "1.0 KB",
    "9.9 KB",
    "10 KB",
    "999 KB",
    "1.0 MB",
    "1.2 GB",
  ]);
  t.same([0.04, 9.94, 9.96, 999.4, 999.6, 59_990, 60_000, 3_725_000].map(durationInWords), [
    "0.0 ms",
    "9.9 ms",
    "10 ms",
    "999 ms",
    "1.00 s",
    "59.99 s",
    "1 min 00 s",
    "62 min 05 s",
  ]);
  t.same([0, 999, 1_000, 1_234_567].map(inThousands), ["0", "999", "1,000", "1,234,567"]);
  t.same(
    [counted(1, "row"), counted(2, "row"), counted(0, "body", "bodies")],
    ["1 row", "2 rows", "0 bodies"],
  );
  t.end();
});
