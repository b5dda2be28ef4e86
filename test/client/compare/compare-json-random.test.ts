import t from "tap";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import { parseIgnoreRule } from "../../../src/client/compare/parse-ignore-rule.ts";
import { formatPlace, formatPointer } from "../../../src/client/compare/place.ts";
import { compare, json, places, request, sorted, swapped } from "./answers.ts";
import { type Json, placesOf, Random, randomJson, reordered, valueAt } from "./random-json.ts";

const rounds = 400;

function documentOf(random: Random): Json {
  return { root: randomJson(random, 5, { next: 1 }), tail: [1_000_001, 1_000_002] };
}

/** Applies one edit that does not touch what others touched; gives the place that must be reported. */
function edit(
  document: Json,
  path: readonly (string | number)[],
  random: Random,
  serial: number,
): string | undefined {
  const step = path.at(-1);
  if (step === undefined) return undefined;
  const parent = valueAt(document, path.slice(0, -1));
  if (Array.isArray(parent) && typeof step === "number") {
    // An array is edited by an insertion only, once: what an alignment of several edits is called is a matter of taste.
    parent.splice(step, 0, `inserted ${serial}`);
    return `body${formatPointer(path)}`;
  }
  if (typeof parent !== "object" || parent === null || Array.isArray(parent)) return undefined;
  if (random.number(3) === 0) delete parent[step];
  else if (random.number(2) === 0) parent[step] = `changed ${serial}`;
  else {
    parent[`new ${serial}`] = serial;
    return `body${formatPointer([...path.slice(0, -1), `new ${serial}`])}`;
  }
  return `body${formatPointer(path)}`;
}

void t.test("known edits are reported at exactly their places", async (t) => {
  const random = new Random(7);
  let edits = 0;
  for (let round = 0; round < rounds; round++) {
    const original = documentOf(random);
    const local = structuredClone(original);
    const expected: string[] = [];
    const touched: (readonly (string | number)[])[] = [];
    const all = placesOf(original);
    for (let count = random.number(4); count > 0; count--) {
      const path = random.pick(all);
      const parent = path.slice(0, -1);
      const inArray = Array.isArray(valueAt(original, parent));
      // Below or above another edit, or in an array of which one element has moved, places are another matter.
      const isClear = touched.every((other) => !begins(other, parent) && !begins(path, other));
      const throughArray = path.some((_, length) => Array.isArray(valueAt(original, path.slice(0, length))));
      if (!isClear || (throughArray && !inArray)) continue;
      const place = edit(local, path, random, round * 10 + count);
      if (place === undefined) continue;
      touched.push(parent);
      expected.push(place);
    }
    edits += expected.length;
    const found = compare(json(original), json(reordered(local, random)));
    if (JSON.stringify(places(found).sort()) !== JSON.stringify(expected.sort()))
      t.same(places(found), expected, JSON.stringify([original, local]));
  }
  t.ok(edits > rounds / 2, `${edits} edits`);
});

function begins(path: readonly unknown[], start: readonly unknown[]): boolean {
  return start.every((step, index) => path[index] === step);
}

void t.test(
  "any two documents: symmetric, and ignoring the reported places makes them the same",
  async (t) => {
    const random = new Random(11);
    let differing = 0;
    for (let round = 0; round < rounds; round++) {
      const original = documentOf(random);
      const local = random.number(2) === 0 ? documentOf(random) : mutated(original, random);
      const options = { request, original: json(original), local: json(local), listedDifferences: 10_000 };
      const comparison = compareAnswers(options);
      const back = compareAnswers({ ...options, original: options.local, local: options.original });
      if (sorted(back.differences.map(swapped)).join() !== sorted(comparison.differences).join())
        t.same(
          sorted(back.differences.map(swapped)),
          sorted(comparison.differences),
          JSON.stringify([original, local]),
        );
      if (comparison.differences.length > 0) differing++;
      const rules = [...new Set(comparison.differences.map(({ place }) => formatPlace(place)))].slice(0, 256);
      const quiet = compareAnswers({ ...options, ignore: rules.map((rule) => parseIgnoreRule(rule)) });
      if (quiet.verdict !== "same") t.same(places(quiet), [], JSON.stringify([original, local]));
      if (quiet.counts.hidden.rule !== comparison.counts.differences)
        t.equal(quiet.counts.hidden.rule, comparison.counts.differences);
    }
    t.ok(differing > rounds / 2, `${differing} differ`);
  },
);

void t.test("a document is the same as itself with its keys in another order", async (t) => {
  const random = new Random(13);
  for (let round = 0; round < rounds; round++) {
    const document = documentOf(random);
    const { verdict } = compare(json(document), json(reordered(document, random)));
    if (verdict !== "same") t.fail(JSON.stringify(document));
  }
});

/** Small changes anywhere: many elements stay what they were, others move. */
function mutated(value: Json, random: Random): Json {
  if (random.number(12) === 0) return `mutated ${random.number(1_000_000)}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => mutated(item, random));
    if (random.number(3) === 0) items.splice(random.number(items.length + 1), random.number(2), "spliced");
    return items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mutated(member, random)]));
}
