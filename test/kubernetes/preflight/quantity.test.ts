import t from "tap";
import { bytesOf } from "../../../src/kubernetes/preflight/quantity.ts";

void t.test("amounts are read as Kubernetes writes them", async (t) => {
  const cases = [
    ["64Mi", 67_108_864],
    ["1G", 1e9],
    ["500m", 0.5],
    ["2", 2],
    ["1.5Gi", 1_610_612_736],
    ["1e3", 1000],
    ["", undefined],
    ["x", undefined],
    ["1Xi", undefined],
  ] as const;
  for (const [text, expected] of cases) t.equal(bytesOf(text), expected, text);
});
