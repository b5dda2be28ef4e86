/**
 * A strict reader of Prometheus' text format 0.0.4: it takes what the format's page allows and nothing else, and throws
 * with the line that is wrong.
 */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];

export function parsePrometheus(text: string): ReadFamily[] {
  if (text === "") return [];
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  const families = new Map<string, { help: string; type: string; samples: ReadSample[] }>();
  let current: { name: string; help: string; type: string; samples: ReadSample[] } | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword !== undefined && METRIC_NAME.exec(name)?.[0] !== name) fail("no metric name");
    if (keyword === "HELP") {
      if (families.has(name)) fail("a family that was told already");
      current = { name, help: unescaped(rest, /^(?:[^\\]|\\\\|\\n)*$/), type: "", samples: [] };
      families.set(name, current);
    } else if (keyword === "TYPE") {
      if (current?.name !== name || current.type !== "" || current.samples.length > 0)
        fail("TYPE out of place");
      if (!TYPES.includes(rest)) fail("no such type");
      if (current !== undefined) current.type = rest;
    } else {
      const sample = parseSample(line, fail);
      if (current === undefined || !isOf(sample.name, current)) fail("a sample outside of its family");
      current?.samples.push(sample);
    }
  }
  const read = Array.from(families, ([name, family]) => ({ name, ...family }));
  for (const family of read) check(family);
  return read;
}

function isOf(name: string, family: { name: string; type: string }): boolean {
  if (family.type !== "histogram") return name === family.name;
  return ["_bucket", "_sum", "_count"].some((suffix) => name === `${family.name}${suffix}`);
}

function parseSample(line: string, fail: (why: string) => never): ReadSample {
  const name = METRIC_NAME.exec(line)?.[0] ?? fail("no metric name");
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line[at] === "{") {
    do {
      at++;
      const label = LABEL_NAME.exec(line.slice(at))?.[0] ?? fail("no label name");
      const [quoted, value = ""] =
        /^="((?:[^\\"]|\\\\|\\"|\\n)*)"/.exec(line.slice(at + label.length)) ?? fail("no label value");
      if (Object.hasOwn(labels, label)) fail("a label that is there already");
      labels[label] = unescaped(value, /^/);
      at += label.length + quoted.length;
    } while (line[at] === ",");
    if (line[at++] !== "}") fail("no end of the labels");
  }
  const number =
    /^ ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$/.exec(line.slice(at))?.[1] ?? fail("no value");
  return { name, labels, value: numberOf(number) };
}

function numberOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

function unescaped(text: string, form: RegExp): string {
  if (!form.test(text)) throw new Error(`escaped badly: ${text}`);
  return text.replaceAll(/\\(.)/g, (_all, letter: string) => (letter === "n" ? "\n" : letter));
}

/** Every family has a type and samples that differ; buckets ascend, end without a bound, and agree with the count. */
function check({ name, type, samples }: ReadFamily): void {
  if (type === "" || samples.length === 0) throw new Error(`${name} has no type or no samples`);
  const keys = samples.map((sample) => JSON.stringify([sample.name, sample.labels]));
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has the same sample twice`);
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`${name} is a counter without _total`);
  if (type !== "histogram") return;
  const series = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: "" }));
  for (const [labels, told] of series) {
    const buckets = told.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map((bucket) => numberOf(bucket.labels["le"] ?? ""));
    const counts = buckets.map(({ value }) => value);
    const ascend = (values: number[]) =>
      values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    const count = told.find((sample) => sample.name === `${name}_count`)?.value;
    if (!ascend(bounds) || !ascend(counts) || bounds.at(-1) !== Infinity || counts.at(-1) !== count)
      throw new Error(`${name}${labels} has buckets that do not add up`);
    if (!told.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}${labels} has no sum`);
  }
}
