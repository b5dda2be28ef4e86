import t from "tap";
import { compileFilter, mayOverlap, parseFilter, readFilter } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { randomFilter, randomHead } from "./random-filter.ts";
import { randomCall } from "./random-grpc.ts";
import { Random } from "./random.ts";

const apart: readonly (readonly [one: string, other: string])[] = [
  ["header(x-user) == alice", "header(X-User) == bob"],
  ['header("^x-user: alice$")', "header(x-user) == bob"],
  ['header("^x-user: al")', "header(x-user) ^= bo"],
  ["header(x-user)", "!header(x-user)"],
  ["header(x-user) == alice", "!header(x-user)"],
  ['header(x-user) =~ "a.c"', '!(header(x-user) =~ "a.c")'],
  ["method == GET", "method in (POST, PUT)"],
  ['path("^/api/")', 'path == "/shop"'],
  ['path ^= "/api?x"', 'path(with query) ^= "/apis"'],
  ["host == a.example", "host == *.b.example"],
  ["query(q) == 1", "query(q) == 2"],
  ["grpc.service == shop.Cart", "grpc.service == shop.Order"],
  ["grpc", "method == GET"],
  ["grpc.service == shop.Cart && grpc.method == Get", "grpc.method == Add"],
  ["header(a) == 1 && header(b) == 1", "header(a) == 2 || header(b) == 2"],
  ["header(a) == 1 || header(a) == 2", "header(a) == 3 || header(a) == 4"],
  ["false", "true"],
];

const maybe: readonly (readonly [one: string, other: string])[] = [
  ["header(x-user) == alice", 'path == "/"'],
  ["header(x-user) == Alice i", "header(x-user) == aLICE"],
  ["header(x-user) ^= al", "header(x-user) == alice"],
  ['header("user: al")', "header(x-user) == bob"],
  ['path("^/api")', 'path("^/api/cart")'],
  ["host == *.example", "host == *.shop.example"],
  ["method == GET", "method in (GET, PUT)"],
  ["true", "header(a)"],
  ["header(a) == 1 || header(b) == 1", "header(a) == 2"],
];

void t.test("two of the largest filters are compared in a moment", (t) => {
  const field = (name: string) => ({ header: { name, equals: "v".repeat(200), ignoreCase: true } });
  const either = (name: string) => ({ any: [field(`${name}-1`), field(`${name}-2`)] });
  const large = () =>
    readFilter({
      all: [
        ...["a", "b", "c", "d"].map(either),
        ...Array.from({ length: 900 }, (_, index) => field(`x-${index}`)),
      ],
    });
  const filters = Array.from({ length: 10 }, large);
  const fromMs = performance.now();
  const [one = large()] = filters;
  for (const other of filters) t.equal(mayOverlap(one, other), true);
  // Each took 0.2 s when all clauses of all ways were gathered.
  t.ok(performance.now() - fromMs < 1_500);
  t.end();
});

void t.test("what two filters demand of one part of a request keeps them apart, or does not", (t) => {
  for (const [one, other] of apart)
    for (const [a, b] of [[one, other] as const, [other, one] as const])
      t.equal(mayOverlap(parseFilter(a), parseFilter(b)), false, `${a} / ${b}`);
  for (const [one, other] of maybe)
    for (const [a, b] of [[one, other] as const, [other, one] as const])
      t.equal(mayOverlap(parseFilter(a), parseFilter(b)), true, `${a} / ${b}`);
  t.end();
});

void t.test("a request that repeats a field may pass both, and counts when it is asked for", (t) => {
  const [one, other] = [parseFilter("header(x-user) == a"), parseFilter("header(x-user) == b")];
  t.equal(mayOverlap(one, other), false);
  t.equal(mayOverlap(one, other, { withRepeats: true }), true);
  const absent = parseFilter("!header(x-user)");
  t.equal(mayOverlap(one, absent, { withRepeats: true }), false);
  t.end();
});

function repeatsSomething({ fields, target }: RequestHead): boolean {
  const names = fields.pairs().map(([name]) => name.toLowerCase());
  const parameters = [...new URLSearchParams(target.split("?").slice(1).join("?")).keys()];
  return new Set(names).size < names.length || new Set(parameters).size < parameters.length;
}

void t.test("filters that share a request are never said to be apart", (t) => {
  const random = new Random(4);
  let shared = 0;
  let proven = 0;
  for (let round = 0; round < 250; round++) {
    const filters = Array.from({ length: 8 }, () => randomFilter(random, random.below(4)));
    const compiled = filters.map(compileFilter);
    const heads = Array.from({ length: 40 }, () =>
      random.chance(30) ? randomCall(random) : randomHead(random),
    );
    for (const [first, one] of filters.entries()) {
      for (const [second, other] of filters.entries()) {
        if (second <= first) continue;
        const may = mayOverlap(one, other);
        const mayRepeated = mayOverlap(one, other, { withRepeats: true });
        if (!may) proven++;
        if (may && !mayRepeated) t.fail("what is apart for all requests is apart for those without repeats");
        for (const head of heads) {
          if (compiled[first]?.matches(head) !== true || compiled[second]?.matches(head) !== true) continue;
          shared++;
          if (!mayRepeated || (!may && !repeatsSomething(head)))
            t.fail(`${JSON.stringify([one, other])} share ${head.method} ${head.target}`);
        }
      }
    }
  }
  t.ok(shared > 5_000, `${shared} requests were shared`);
  t.ok(proven > 500, `${proven} pairs were proven apart`);
  t.end();
});

void t.test("a filter of a thousand clauses is compared in no time to speak of", (t) => {
  const wide = parseFilter(
    Array.from({ length: 300 }, (_, index) => `(header(a) == ${index} || header(b) == ${index})`).join(
      " && ",
    ),
  );
  const beganMs = performance.now();
  t.equal(mayOverlap(wide, wide), true);
  t.ok(performance.now() - beganMs < 500);
  t.end();
});
