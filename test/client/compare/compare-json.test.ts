import t from "tap";
import { compare, json, places, short, sorted, swapped } from "./answers.ts";

const rows: [law: string, original: unknown, local: unknown, expected: string[]][] = [
  ["a value that differs", { a: 1 }, { a: 2 }, ["body/a: 1 → 2"]],
  ["keys in another order are the same", '{"a":1,"b":2}', '{"b":2,"a":1}', []],
  ["missing is not null", { a: null }, {}, ["body/a: null → nothing"]],
  ["null is not missing", {}, { a: null }, ["body/a: nothing → null"]],
  ["a number is not its text", { a: 1 }, { a: "1" }, ['body/a: 1 → "1"']],
  ["numbers compare by value", "[1.0, 10, -0, 1e2, 1E+2]", "[1, 1e1, 0, 100, 100.00]", []],
  [
    "no digit is lost",
    "[12345678901234567890]",
    "[12345678901234567891]",
    ["body/0: 12345678901234567890 → 12345678901234567891"],
  ],
  [
    "fractions are exact",
    "[0.1]",
    "[0.1000000000000000055511151231257827]",
    ["body/0: 0.1 → 0.1000000000000000055511151231257827"],
  ],
  ["exponents beyond doubles", "[1e400]", "[1e401]", ["body/0: 1e400 → 1e401"]],
  ["escapes are what they mean", '["\\u0041\\/"]', '["A/"]', []],
  ["an inserted element is one difference", [1, 2, 3], [1, 9, 2, 3], ["body/1: nothing → 9"]],
  ["a removed element is one difference", [1, 2, 3], [2, 3], ["body/0: 1 → nothing"]],
  ["elements that changed places", [1, 2], [2, 1], ["body/0: 1 → nothing", "body/1: nothing → 1"]],
  [
    "order of keys means nothing to an alignment",
    '[{"a":1,"b":2},{"a":3,"b":4}]',
    '[{"b":0,"a":0},{"b":2,"a":1},{"b":4,"a":3}]',
    ['body/0: nothing → {"b": 0, "a": 0}'],
  ],
  ["an element that changed stays at its index", [1, 2, 3], [1, 9, 3], ["body/1: 2 → 9"]],
  ["keys are escaped as in a pointer", { "a/b": { "~": 1 } }, { "a/b": { "~": 2 } }, ["body/a~1b/~0: 1 → 2"]],
  ["a key that is a star is no wildcard", { "*": 1 }, { "*": 2 }, ["body/~2: 1 → 2"]],
  ["the empty key", { "": 1 }, { "": 2 }, ["body/: 1 → 2"]],
  ["a key __proto__ is a key", '{"__proto__":1}', '{"__proto__":2}', ["body/__proto__: 1 → 2"]],
  ["the root", "1", "2", ["body: 1 → 2"]],
  ["a byte order mark is none of its business", "\uFEFF[1]", "[1]", []],
  ["empty containers differ by kind", [], {}, ["body: [] → {}"]],
];

for (const [law, original, local, expected] of rows) {
  void t.test(`JSON: ${law}`, async (t) => {
    const comparison = compare(json(original), json(local));
    t.same(short(comparison), expected);
    const back = compare(json(local), json(original));
    t.same(sorted(back.differences.map(swapped)), sorted(comparison.differences));
  });
}

void t.test("an element known by its id is compared with itself, wherever it has moved", async (t) => {
  const original = [
    { id: 1, v: "a" },
    { id: 2, v: "b" },
  ];
  const local = [
    { id: 7, v: "new" },
    { id: 1, v: "x" },
    { id: 2, v: "b" },
  ];
  const { differences } = compare(json(original), json(local));
  t.match(differences, [
    { kind: "only-in-local", place: { path: [0] } },
    {
      kind: "changed",
      place: { path: [0, "v"] },
      localPlace: { path: [1, "v"] },
      original: '"a"',
      local: '"x"',
    },
  ]);
});

void t.test("a hidden field in every element does not spoil the alignment", async (t) => {
  const items = (from: number, base: number) =>
    Array.from({ length: 20 }, (_, index) => ({ text: `t${index + from}`, at: base + index }));
  const comparison = compare(
    json({ items: items(1, 100) }),
    json({ items: items(0, 500).concat({ text: "t20", at: 9 }) }),
    "/items/*/at",
  );
  t.same(places(comparison), ["body/items/0"]);
  t.equal(comparison.counts.hidden.rule, 20);
});

void t.test("whether a hidden field is there at all does not spoil the alignment either", async (t) => {
  const original = [
    { v: 1, at: 1 },
    { v: 2, at: 2 },
  ];
  const local = [{ v: 0 }, { v: 1 }, { v: 2 }];
  t.same(short(compare(json(original), json(local), "/*/at")), ['body/0: nothing → {"v": 0}']);
});

void t.test("wildcards: * is one level, ** any, and a rule hides all below its place", async (t) => {
  const original = json({ a: { b: { at: 1 }, at: 1 }, at: 1, list: [{ at: { x: 1 } }] });
  const local = json({ a: { b: { at: 2 }, at: 2 }, at: 2, list: [{ at: { x: 2 } }] });
  const all = ["body/a/at", "body/a/b/at", "body/at", "body/list/0/at/x"];
  const left = (...rules: string[]) => places(compare(original, local, ...rules)).sort();
  t.same(left(), all);
  t.same(left("/**/at"), []);
  t.same(
    left("/*/at"),
    all.filter((place) => place !== "body/a/at"),
  );
  t.same(left("/a"), ["body/at", "body/list/0/at/x"]);
  t.same(left("/list/0/at"), all.slice(0, 3));
  t.same(left("/list/**"), all.slice(0, 3));
  t.same(left("/**", "+/a/b"), ["body/a/b/at"]);
  t.same(left("+/a/b", "/**"), []);
  t.same(left("body", "+/at"), ["body/at"]);
});

void t.test("repeated keys are noted, and the last one counts", async (t) => {
  const comparison = compare(json('{"a":1,"a":2}'), json('{"a":2}'));
  t.equal(comparison.verdict, "same");
  t.match(comparison.notes, [/the original body repeats the key .*"a"/]);
});

void t.test("values are short, and printable", async (t) => {
  const comparison = compare(json({ a: "x".repeat(5_000) }), json({ a: "\u001b[31mred\u202e\n" }));
  const [difference] = comparison.differences;
  t.ok((difference?.original?.length ?? 999) < 160);
  // oxlint-disable-next-line no-control-regex
  t.notMatch(difference?.local, /[\u0000-\u001f\u202e]/);
});
