import t from "tap";
import { drainMaxOf } from "../../../src/client/subscription-flags/drain-flags.ts";

void t.test("--drain-max is a duration that a timer can wait for", (t) => {
  t.equal(drainMaxOf("12h"), 43_200_000);
  t.equal(drainMaxOf("0"), 0);
  t.equal(drainMaxOf("576h"), 24 * 86_400_000);
  for (const text of ["", "12", "-1s", "577h", "a while"])
    t.throws(() => drainMaxOf(text), { code: "usage", message: `--drain-max ${JSON.stringify(text)}` });
  t.end();
});
