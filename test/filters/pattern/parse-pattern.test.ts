import t from "tap";
import { FilterError } from "../../../src/filters/errors.ts";
import type { FilterErrorCode } from "../../../src/filters/errors.ts";
import { Pattern } from "../../../src/filters/pattern/pattern.ts";

const errors: readonly (readonly [pattern: string, code: FilterErrorCode, position: number])[] = [
  ["a(b", "pattern-syntax", 1],
  ["a)b", "pattern-syntax", 1],
  ["a[b", "pattern-syntax", 1],
  ["a[]b]", "pattern-syntax", 2],
  ["[b-a]", "pattern-syntax", 1],
  ["[[:alfa:]]", "pattern-syntax", 1],
  ["*a", "pattern-syntax", 0],
  ["a|+", "pattern-syntax", 2],
  ["^*", "pattern-syntax", 0],
  ["a{3,2}", "pattern-syntax", 1],
  ["a\\", "pattern-syntax", 1],
  ["\\q", "pattern-syntax", 0],
  ["a\\Z", "pattern-syntax", 1],
  ["\\x4", "pattern-syntax", 0],
  ["\\u{110000}", "pattern-syntax", 0],
  ["(?<1>a)", "pattern-syntax", 0],
  ["(?i", "pattern-syntax", 0],
  ["(?q)", "pattern-syntax", 0],
  ["a(?=b)", "pattern-unsupported", 1],
  ["a(?!b)", "pattern-unsupported", 1],
  ["(?<=a)b", "pattern-unsupported", 0],
  ["(?<!a)b", "pattern-unsupported", 0],
  ["(a)\\1", "pattern-unsupported", 3],
  ["(?<n>a)\\k<n>", "pattern-unsupported", 7],
  ["(?P=n)", "pattern-unsupported", 0],
  ["(?>a)", "pattern-unsupported", 0],
  ["a++", "pattern-unsupported", 2],
  ["\\p{L}", "pattern-unsupported", 0],
  ["(?m)a", "pattern-unsupported", 2],
  ["[😀]", "pattern-unsupported", 1],
  ["a{1001}", "pattern-too-large", 1],
  ["(a{1000}){1000}", "pattern-too-large", 0],
  ["((((){1000}){1000}){1000}){1000}", "pattern-too-large", 0],
  ["a".repeat(4_097), "pattern-too-large", 4_096],
  ["(".repeat(300), "pattern-too-large", 200],
];

void t.test("every refused pattern names its code and the offset", (t) => {
  for (const [pattern, code, position] of errors) {
    try {
      t.fail(`${pattern} was read as ${new Pattern(pattern).size} states`);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      t.match({ pattern, code: error.code, position: error.position }, { pattern, code, position });
      t.equal(error.source, pattern);
    }
  }
  t.end();
});

void t.test("look-around is refused with the clauses that say the same", (t) => {
  const error = t.throws(() => new Pattern("^(?!blue)")) as FilterError;
  t.match(error.hint, /not .* all/);
  t.end();
});

const answers: readonly (readonly [pattern: string, text: string, found: boolean])[] = [
  ["Blue", "a bLUE b", true],
  ["(?-i)Blue", "a bLUE b", false],
  ["a(?-i)b|C", "c", false],
  ["(?:(?-i)B)c", "BC", true],
  ["(?-i:b)", "B", false],
  ["\\Aa\\z", "a", true],
  ["\\Aa\\z", "ab", false],
  ["a$", "a\n", false],
  ["^b", "a\nb", false],
  [".", "\n", false],
  ["(?s).", "\n", true],
  ["^[[:alpha:]_]+$", "aZ_", true],
  ["^[[:^digit:]]+$", "a1", false],
  ["(?P<year>\\d{4})-(?<month>\\d\\d)", "on 2026-11", true],
  ["\\u{1F600}?x", "x", true],
  ["😀", "a😀", true],
  ["^a\\/b$", "a/b", true],
  ["a{,2}", "a{,2}", true],
  ["É", "é", true],
  ["", "", true],
  ["^(|a)$", "b", false],
];

void t.test("flags, anchors and sets mean what is written at parsePattern", (t) => {
  for (const [pattern, text, found] of answers)
    t.equal(new Pattern(pattern).test(text), found, `${pattern} in ${text}`);
  t.end();
});
