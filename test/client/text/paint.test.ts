import t from "tap";
import { paintFor, printable, printableLines } from "../../../src/client/text/paint.ts";

void t.test("colours are for terminals, and not against NO_COLOR", (t) => {
  t.equal(paintFor({ isTTY: true }, {})("red", "x"), "\u001b[31mx\u001b[39m");
  t.equal(paintFor({ isTTY: true }, { NO_COLOR: "1" })("red", "x"), "x");
  t.equal(paintFor({ isTTY: true }, { TERM: "dumb" })("red", "x"), "x");
  t.equal(paintFor({}, {})("red", "x"), "x");
  t.end();
});

void t.test("text from the wire cannot move the cursor", (t) => {
  t.equal(printable("a\u001b[2Jb\r\nc\u202e"), "a�[2Jb��c�");
  t.equal(printableLines("a\u001b[2J\n  b\r\n"), "a�[2J\n  b�\n");
  t.end();
});
