import t from "tap";
import { expositionOf } from "../../../src/agent/metrics/exposition.ts";
import { type Family, jsonOf } from "../../../src/agent/metrics/family.ts";
import { Histogram } from "../../../src/agent/metrics/histogram.ts";
import { parsePrometheus } from "./prometheus-parser.ts";

function histogramOf(...values: number[]): Histogram {
  const histogram = new Histogram([1, 10, 100]);
  for (const value of values) histogram.record(value);
  return histogram;
}

void t.test("text format 0.0.4: HELP, TYPE, samples, and nothing else", (t) => {
  const families: Family[] = [
    {
      name: "magpie_a_total",
      help: "What a\\b is,\nin two lines.",
      type: "counter",
      samples: [
        { labels: { kind: 'a "quoted" \\ one\nwith more', other: "" }, value: 3 },
        { labels: { kind: "plain", other: "ü" }, value: 0 },
      ],
    },
    { name: "magpie_b", help: "b", type: "gauge", samples: [{ value: 0.1 + 0.2 }] },
    { name: "magpie_none", help: "nothing is known", type: "gauge", samples: [] },
  ];
  t.equal(
    expositionOf(families),
    [
      "# HELP magpie_a_total What a\\\\b is,\\nin two lines.",
      "# TYPE magpie_a_total counter",
      'magpie_a_total{kind="a \\"quoted\\" \\\\ one\\nwith more",other=""} 3',
      'magpie_a_total{kind="plain",other="ü"} 0',
      "# HELP magpie_b b",
      "# TYPE magpie_b gauge",
      "magpie_b 0.3",
      "",
    ].join("\n"),
  );
  const [first] = parsePrometheus(expositionOf(families));
  t.equal(first?.help, "What a\\b is,\nin two lines.");
  t.equal(first?.samples[0]?.labels["kind"], 'a "quoted" \\ one\nwith more');
  t.end();
});

void t.test("buckets are cumulative, in the unit of the name, and end without a bound", (t) => {
  const family: Family = {
    name: "magpie_c_seconds",
    help: "c",
    type: "histogram",
    scale: 0.001,
    samples: [
      { labels: { session: "x" }, histogram: histogramOf(0.5, 1, 2, 1_000) },
      { labels: { session: "y" }, histogram: histogramOf() },
    ],
  };
  t.equal(
    expositionOf([family]).split("\n").slice(2, 8).join("\n"),
    [
      'magpie_c_seconds_bucket{session="x",le="0.001"} 2',
      'magpie_c_seconds_bucket{session="x",le="0.01"} 3',
      'magpie_c_seconds_bucket{session="x",le="0.1"} 3',
      'magpie_c_seconds_bucket{session="x",le="+Inf"} 4',
      'magpie_c_seconds_sum{session="x"} 1.0035',
      'magpie_c_seconds_count{session="x"} 4',
    ].join("\n"),
  );
  t.equal(parsePrometheus(expositionOf([family]))[0]?.samples.length, 12);
  t.match(jsonOf([family]), [
    {
      name: "magpie_c_seconds",
      type: "histogram",
      samples: [
        {
          labels: { session: "x" },
          buckets: [
            [0.001, 2],
            [0.01, 3],
            [0.1, 3],
            [null, 4],
          ],
          count: 4,
        },
        {},
      ],
    },
  ]);
  t.end();
});

void t.test("values without a number are written as the format has them", (t) => {
  const values = [Infinity, -Infinity, NaN, 1e21, -2.5e-7];
  const samples = values.map((value, index) => ({ labels: { n: String(index) }, value }));
  const text = expositionOf([{ name: "magpie_d", help: "d", type: "gauge", samples }]);
  t.same(text.match(/\S+$/gm)?.slice(2), ["+Inf", "-Inf", "NaN", "1e+21", "-2.5e-7"]);
  t.same(
    parsePrometheus(text)[0]?.samples.map(({ value }) => value),
    values,
  );
  t.end();
});

void t.test("the reader of these tests is strict", (t) => {
  const wrong = [
    "# HELP a b\n# TYPE a gauge\na 1",
    "a 1\n",
    "# HELP a b\n# TYPE a bar\na 1\n",
    "# HELP a b\n# TYPE a gauge\nb 1\n",
    '# HELP a b\n# TYPE a gauge\na{x="\n"} 1\n',
    '# HELP a b\n# TYPE a gauge\na{x="1",x="2"} 1\n',
    '# HELP a b\n# TYPE a gauge\na{x="1",} 1\n',
    "# HELP a b\n# TYPE a gauge\na 1\na 1\n",
    "# HELP a b\n# TYPE a gauge\n\na 1\n",
    "# HELP a b\n# TYPE a counter\na 1\n",
    '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n',
    '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  ];
  for (const text of wrong) t.throws(() => parsePrometheus(text), text);
  t.end();
});
