import t from "tap";
import { Pattern } from "../../../src/filters/pattern/pattern.ts";
import { Random } from "../random.ts";

const letters = ["a", "b", "A", "B", "1", "_", " ", "-", "é", "É", "ÿ", "µ", "ß", "\n", "."];
const atoms = [
  ...["a", "b", "A", "1", "_", " ", "-", "é", "É", "µ", "ß"],
  ...["ÿ", ".", "\\.", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\b", "\\B", "^", "$", "\\x41"],
  ...[
    "\\u0061",
    "\\u{62}".replace("\\u{62}", "\\x62"),
    "[ab]",
    "[^a]",
    "[a-bé]",
    "[^\\W]",
    "[\\d-_]",
    "[À-ÿ]",
    "[^À-Þ]",
  ],
  ...["[\\s\\S]", "[.]", "[A-_]", "(?:)", "{", "a{,2}", "[\\w.-]", "[\\b]", "\\-", "]"],
];
const quantifiers = ["*", "+", "?", "{2}", "{1,2}", "{0,2}", "{1,}", "*?", "+?", "??", "{0}"];

function randomPattern(random: Random, depth: number): string {
  let pattern = "";
  const options = random.chance(25) ? 2 : 1;
  for (let option = 0; option < options; option++) {
    if (option > 0) pattern += "|";
    for (let parts = random.below(4); parts >= 0; parts--) {
      const nested = depth > 0 && random.chance(35);
      const atom = nested ? group(random, depth) : random.pick(atoms);
      const place = ["\\b", "\\B", "^", "$"].includes(atom) || /[}]$/.test(atom);
      pattern += atom + (!place && random.chance(30) ? random.pick(quantifiers) : "");
    }
  }
  return pattern;
}

function group(random: Random, depth: number): string {
  return `${random.pick(["(", "(?:", "(?s:"])}${randomPattern(random, depth - 1)})`;
}

// Case is changed for whole patterns only: V8 finds `a` with /(?-i:xy|[A-_])/i, so it is no oracle for flags inside.
void t.test("patterns agree with RegExp, with and without its i flag", (t) => {
  const random = new Random(20_261_123);
  let compared = 0;
  let found = 0;
  for (let round = 0; round < 6_000; round++) {
    const source = randomPattern(random, 3);
    const sensitive = random.chance(30);
    const pattern = new Pattern(sensitive ? `(?-i)${source}` : source);
    const oracle = new RegExp(source, sensitive ? "" : "i");
    for (let subject = 0; subject < 12; subject++) {
      let text = "";
      for (let length = random.below(9); length > 0; length--) text += random.pick(letters);
      const expected = oracle.test(text);
      if (pattern.test(text) !== expected) t.fail(JSON.stringify({ source, sensitive, text, expected }));
      const padded = pattern.test(`xx${text}yy`, 2, 2 + text.length);
      if (padded !== expected) t.fail(`as a part: ${JSON.stringify({ source, text, expected })}`);
      const cut = random.below(text.length + 1);
      if (pattern.testPieces([text.slice(0, cut), text.slice(cut)]) !== expected) {
        t.fail(`in pieces: ${JSON.stringify({ source, text, cut, expected })}`);
      }
      compared++;
      if (expected) found++;
    }
  }
  t.ok(compared === 72_000 && found > 7_000 && compared - found > 7_000, "both answers were common");
  t.end();
});

void t.test("every code unit is sorted by sets, negated sets and case as RegExp does", (t) => {
  for (const source of [
    "[à-þ]",
    "[^à-þ]",
    "[\\u0370-\\u03ff]",
    "[^k]",
    "k",
    "ſ",
    "\\w",
    "\\W",
    "\\s",
    ".",
    "[^ß]",
    "Ω",
  ]) {
    const pattern = new Pattern(source);
    const oracle = new RegExp(source, "i");
    const different: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const text = String.fromCharCode(code);
      if (pattern.test(text) !== oracle.test(text)) different.push(code.toString(16));
    }
    t.same(different, [], source);
  }
  t.end();
});
