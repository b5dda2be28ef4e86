import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { parseDurationMs } from "../../../src/client/subscription-flags/duration.ts";

void t.test("a duration is a number and its unit, above 0 and below what a timer can count", async (t) => {
  const read = (text: string) => parseDurationMs("--for", text);
  t.same(["30s", "10m", "1.5h", "500ms"].map(read), [30_000, 600_000, 5_400_000, 500]);
  for (const text of ["5", "s", "0s", "-1s", "1d", "600h", "", "1 s", "1e3s"])
    t.throws(() => read(text), { constructor: ClientError, code: "usage", message: /--for/ }, text);
});
