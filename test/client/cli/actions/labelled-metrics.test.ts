import t from "tap";
import { labelledMetrics } from "../../../../src/client/cli/actions/labelled-metrics.ts";

const one = [
  "# HELP requests All of them.",
  "# TYPE requests counter",
  'requests{port="80"} 1',
  "# HELP up Whether it runs.",
  "# TYPE up gauge",
  "up 1",
].join("\n");

void t.test("each sample says whose it is, and each family is described once", async (t) => {
  const text = labelledMetrics("pod", [
    { value: "web-a", text: `${one}\n` },
    { value: 'we"b', text: `${one}\n` },
  ]);
  t.equal(
    text,
    [
      "# HELP requests All of them.",
      "# TYPE requests counter",
      'requests{pod="web-a",port="80"} 1',
      'requests{pod="we\\"b",port="80"} 1',
      "# HELP up Whether it runs.",
      "# TYPE up gauge",
      'up{pod="web-a"} 1',
      'up{pod="we\\"b"} 1',
    ].join("\n"),
  );
});
