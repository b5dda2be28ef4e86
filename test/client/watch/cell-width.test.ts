import t from "tap";
import { cutTo, fit, harmless, widthOf } from "../../../src/client/watch/cell-width.ts";

void t.test("what could move a cursor or turn a text round is replaced", async (t) => {
  t.equal(harmless("/a\x1b[2J\r\n\x07\u009b31m"), "/a�[2J����31m");
  t.equal(harmless("a\u202eb\u200dc\u2028d\ud800"), "a�b�c�d�");
  t.equal(harmless("/straße/日本"), "/straße/日本");
});

void t.test("a text takes as many cells as a terminal gives it", async (t) => {
  for (const [text, width] of [
    ["abc", 3],
    ["straße", 6],
    ["日本", 4],
    ["한글", 4],
    ["ｆｕｌｌ", 8],
    ["e\u0301", 1],
    ["😀", 2],
    ["✓→…", 3],
  ] as const)
    t.equal(widthOf(text), width, text);
});

void t.test("a text is cut and filled to a width, never beyond", async (t) => {
  t.equal(fit("abc", 5), "abc  ");
  t.equal(fit("abc", 5, "right"), "  abc");
  t.equal(fit("abcdef", 4), "abc…");
  t.equal(fit("日本語", 4), "日… ", "half a character is none");
  t.equal(cutTo("日本語", 6), "日本語");
  t.equal(cutTo("abc", 0), "");
  for (let width = 0; width < 12; width++) t.equal(widthOf(fit("a日b本c😀e\u0301", width)), width);
});
