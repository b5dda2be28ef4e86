/**
 * What a bystander's request pays for N installed filters, none of which it passes.
 *
 *     node bench/filters.ts [rounds]
 *
 * Every head is a new string, cut out of a buffer as a scanner would: an engine may remember its last answer for the
 * same string, and a string from a literal has another representation. The cost of the cutting is measured in the
 * same way and taken off. Each figure is the median of the rounds; styles take turns within a round.
 */
import { compileFilter, FilterSet, parseFilter } from "../src/filters/index.ts";
import { Fields } from "../src/http/index.ts";
import type { RequestHead } from "../src/http/index.ts";

const pairs = [
  ["Host", "shop.example.svc.cluster.local:8080"],
  [
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
  ],
  ["Accept", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"],
  ["Accept-Language", "en-GB,en;q=0.7,de;q=0.3"],
  ["Accept-Encoding", "gzip, deflate, br"],
  [
    "Authorization",
    "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN",
  ],
  ["Cookie", "session=5f2b1c0e9a7d4e3f; theme=dark; consent=1"],
  ["X-Request-Id", "00000000-4b1d-4c7e-9f60-7a1c2e3d4f55"],
  ["X-Forwarded-For", "10.244.1.17"],
  ["X-Tenant", "green"],
  ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
  ["Connection", "keep-alive"],
] as const;

const styles: Readonly<Record<string, (number: string) => string>> = {
  "^x-tenant: value-NN$": (number) => `header("^x-tenant: value-${number}$")`,
  "x-tenant: value-NN": (number) => `header("x-tenant: value-${number}")`,
  "tenant-NN": (number) => `header("tenant-${number}")`,
  "^authorization: .*user-NN": (number) => `header("^authorization: .*user-${number}")`,
  "[0-9]{3}-NN(x|y)": (number) => `header("[0-9]{3}-${number}(x|y)")`,
  'header(x-user) == "NN"': (number) => `header(x-user) == "${number}"`,
  'path ^= "/api/NN"': (number) => `path ^= "/api/${number}"`,
  "path and header": (number) => `path("^/api/") && header("^x-tenant: value-${number}$")`,
};

const fields = Fields.fromPairs(pairs);
const bytes = Buffer.from(fields.text, "latin1");
const idAt = fields.text.indexOf("00000000");
const heads = 20_000;
let sink = 0;

/** Microseconds a head for `decide`, the making of the head included. */
function measure(decide: (head: RequestHead) => number): number {
  const start = performance.now();
  for (let count = 0; count < heads; count++) {
    bytes.writeUInt32LE(0x30303030 + (count & 0x07070707), idAt);
    const text = bytes.toString("latin1");
    const head: RequestHead = {
      method: "GET",
      target: "/shop/cart?item=17",
      version: "1.1",
      authority: "shop.example.svc.cluster.local:8080",
      fields: new Fields(text, fields.marks, fields.count),
    };
    sink += decide(head);
  }
  return ((performance.now() - start) * 1_000) / heads;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

const rounds = Number(process.argv[2] ?? 15);
const making: number[] = [];
const cases = Object.entries(styles).flatMap(([style, filterFor]) =>
  [1, 10, 100].map((count) => {
    const filters = Array.from({ length: count }, (_, index) => filterFor(String(index).padStart(2, "0")));
    const set = new FilterSet(filters.map((text) => compileFilter(parseFilter(text))));
    return { style, count, set, figures: [] as number[] };
  }),
);
for (let round = -3; round < rounds; round++) {
  const base = measure((head) => head.fields.text.charCodeAt(idAt));
  if (round >= 0) making.push(base);
  for (const { set, figures } of cases) {
    const figure = measure((head) => set.firstMatches(head).length);
    if (round >= 0) figures.push(figure - base);
  }
}
console.log(
  `head of ${bytes.length} bytes, ${fields.count} fields; making it: ${median(making).toFixed(3)} us, taken off below`,
);
console.log(
  "us per head that passes none".padEnd(32),
  ...["N=1", "N=10", "N=100"].map((title) => title.padStart(8)),
);
for (const style of Object.keys(styles)) {
  const figures = cases
    .filter((one) => one.style === style)
    .map((one) => median(one.figures).toFixed(3).padStart(8));
  console.log(style.padEnd(32), ...figures);
}
// Uses the sum, so that no loop can be left out.
if (Number.isNaN(sink)) console.log(sink);
