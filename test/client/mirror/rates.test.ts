import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { parseRate, parseSample } from "../../../src/client/mirror/rates.ts";

const usage = { constructor: ClientError, code: "usage" };

void t.test("a sample is a share above 0 and up to all, in percent or as a fraction", async (t) => {
  t.same(["10%", "0.1", ".5", "100%", "1", "0.5%"].map(parseSample), [0.1, 0.1, 0.5, 1, 1, 0.005]);
  for (const text of ["0", "0%", "101%", "2", "-1", "ten", "", "%", "1e-3", "10 %"])
    t.throws(() => parseSample(text), usage, text);
});

void t.test("a rate is a number a second, minute or hour", async (t) => {
  t.same(["50", "50/s", "120/m", "36/h", "0.5"].map(parseRate), [50, 50, 2, 0.01, 0.5]);
  for (const text of ["0", "-1", "50/d", "/s", "", "1e9", "9999999", "5 /s"])
    t.throws(() => parseRate(text), usage, text);
});
