import t from "tap";
import { visiblePieces, visibleText } from "../../../../../src/client/inspector/page/words/visible-text.ts";

void t.test("nothing is lost, and what is not seen is named", (t) => {
  const text = "a\u202eb\u0000c\u200bd\u2028e\ud800f\u{e0041}\u001b[31m";
  const pieces = visiblePieces(text);
  t.equal(pieces.map((piece) => piece.text).join(""), text);
  t.same(
    pieces.flatMap(({ code }) => code ?? []),
    ["U+202E", "U+0000", "U+200B", "U+2028", "U+D800", "U+E0041", "U+001B"],
  );
  t.equal(visibleText("a\u2066b"), "a‹U+2066›b");
  t.end();
});

void t.test("ordinary text is one piece: letters of all kinds, tabs and line ends", (t) => {
  for (const text of ["grüße 日本語 עברית 🙂", "a\tb\nc", ""])
    t.ok(visiblePieces(text).every(({ code }) => code === undefined));
  t.equal(visibleText("x".repeat(400)).length, 301);
  t.end();
});
