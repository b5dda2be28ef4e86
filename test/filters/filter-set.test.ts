import t from "tap";
import {
  compileFilter,
  explain,
  FilterSet,
  formatFilter,
  parseFilter,
  readFilter,
  sameFilter,
} from "../../src/filters/index.ts";
import type { Filter } from "../../src/filters/index.ts";
import { head } from "./head.ts";
import { randomFilter, randomHead } from "./random-filter.ts";
import { randomCall, randomGrpc } from "./random-grpc.ts";
import { Random } from "./random.ts";
import { reference } from "./reference.ts";

void t.test("a set, a compiled filter and an explanation give the answer of the reference", (t) => {
  const random = new Random(7);
  let passed = 0;
  let asked = 0;
  for (let round = 0; round < 150; round++) {
    const filters = Array.from({ length: 1 + random.below(12) }, () => randomFilter(random));
    const compiled = filters.map(compileFilter);
    const set = new FilterSet(compiled);
    for (let request = 0; request < 40; request++) {
      const one = randomHead(random);
      const expected = filters.flatMap((filter, index) => (reference(filter, one) ? [index] : []));
      const alone = compiled.flatMap((filter, index) => (filter.matches(one) ? [index] : []));
      const about = () => JSON.stringify({ ...one, fields: one.fields.pairs(), filters });
      if (JSON.stringify(alone) !== JSON.stringify(expected))
        t.fail(`compiled ${alone.join()}, not ${expected.join()}: ${about()}`);
      const together = set.firstMatches(one);
      if (JSON.stringify(together) !== JSON.stringify(expected))
        t.fail(`set ${together.join()}, not ${expected.join()}: ${about()}`);
      const explained = filters.flatMap((filter, index) =>
        request % 8 === 0 && explain(filter, one).result ? [index] : [],
      );
      if (request % 8 === 0) t.strictSame(explained, expected);
      passed += expected.length;
      asked += filters.length;
    }
  }
  t.ok(passed > asked / 10 && passed < (asked * 9) / 10, "both answers were common");
  t.end();
});

void t.test("of gRPC calls a set and a compiled filter say what the reference says", (t) => {
  const random = new Random(17);
  let passed = 0;
  for (let round = 0; round < 150; round++) {
    const filters = Array.from({ length: 8 }, (): Filter => {
      const grpc = { grpc: randomGrpc(random) };
      const other = randomFilter(random, 0);
      return random.pick([grpc, grpc, { not: grpc }, { all: [grpc, other] }, { any: [other, grpc] }]);
    });
    const compiled = filters.map(compileFilter);
    const set = new FilterSet(compiled);
    for (let request = 0; request < 40; request++) {
      const one = randomCall(random);
      const expected = filters.flatMap((filter, index) => (reference(filter, one) ? [index] : []));
      const alone = compiled.flatMap((filter, index) => (filter.matches(one) ? [index] : []));
      const explained = filters.flatMap((filter, index) => (explain(filter, one).result ? [index] : []));
      const together = set.firstMatches(one);
      const all = [alone, together, explained].map((list) => list.join());
      if (all.some((list) => list !== expected.join()))
        t.fail(
          `${all.join(" ")}, not ${expected.join()}: ${JSON.stringify([one.target, one.fields, filters])}`,
        );
      passed += expected.length;
    }
  }
  t.ok(passed > 10_000 && passed < 38_000, `both answers were common, ${passed} of 48,000 passed`);
  t.end();
});

void t.test("an expression gives back the filter it was made from, and is itself canonical", (t) => {
  const random = new Random(11);
  for (let round = 0; round < 2_000; round++) {
    const filter: Filter = round % 4 === 0 ? { grpc: randomGrpc(random) } : randomFilter(random);
    const text = formatFilter(filter);
    const parsed = parseFilter(text);
    if (!sameFilter(parsed, filter))
      t.fail(`${text} is not ${JSON.stringify(filter)} but ${JSON.stringify(parsed)}`);
    if (formatFilter(parsed) !== text) t.fail(`${text} becomes ${formatFilter(parsed)}`);
    t.strictSame(readFilter(JSON.parse(JSON.stringify(filter))), filter);
  }
  t.end();
});

void t.test("filters that are the same give the same answers", (t) => {
  const random = new Random(13);
  const filters = Array.from({ length: 400 }, () => randomFilter(random, 1));
  filters.push(...Array.from({ length: 200 }, () => ({ grpc: randomGrpc(random) })));
  const heads = Array.from({ length: 60 }, () => randomHead(random));
  heads.push(...Array.from({ length: 60 }, () => randomCall(random)));
  const answers = filters.map((filter) =>
    heads.map((one) => Number(compileFilter(filter).matches(one))).join(""),
  );
  let same = 0;
  for (const [one, filter] of filters.entries()) {
    for (const [other, another] of filters.entries()) {
      if (one <= other || !sameFilter(filter, another)) continue;
      same++;
      if (answers[one] !== answers[other]) t.fail(JSON.stringify([filter, another]));
    }
  }
  t.ok(same > 100, "some were the same");
  t.end();
});

void t.test("a set without filters, and a head that none wants, give the same empty list", (t) => {
  const set = new FilterSet([compileFilter(parseFilter("header(x-a) == 1"))]);
  t.equal(set.firstMatches(head({})), new FilterSet([]).firstMatches(head({})));
  t.strictSame(set.firstMatches(head({ fields: [["X-A", "1"]] })), [0]);
  t.equal(set.firstMatches(head({})), new FilterSet([]).firstMatches(head({})), "also after a match");
  t.end();
});

void t.test("a set of patterns whose states multiply is divided and still right", (t) => {
  const filters = Array.from({ length: 12 }, (_, index) =>
    compileFilter({ header: { name: "x", matches: `[ab]*a[ab]{${index + 6}}c$` } }),
  );
  const set = new FilterSet(filters);
  const random = new Random(3);
  for (let round = 0; round < 12; round++) {
    let value = "";
    for (let length = 0; length < 1_500; length++) value += random.pick(["a", "b"]);
    const one = head({ fields: [["x", `${value}c`]] });
    t.strictSame(
      set.firstMatches(one),
      filters.flatMap((filter, index) => (filter.matches(one) ? [index] : [])),
    );
  }
  t.end();
});
