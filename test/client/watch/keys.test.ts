import t from "tap";
import { readKeys } from "../../../src/client/watch/keys.ts";

void t.test("keys are read as terminals send them, in any pieces", async (t) => {
  const names = (typed: string) =>
    readKeys(typed).keys.map((key) =>
      key.name === "text" ? key.text : key.name === "ctrl" ? `^${key.letter}` : key.name,
    );
  t.same(names("j\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~"), [
    "j",
    "up",
    "down",
    "page-up",
    "page-down",
    "home",
    "end",
  ]);
  t.same(names("\r\x7f\x03\x1a\u00e9😀"), ["enter", "backspace", "^c", "^z", "é", "😀"]);
  t.same(names("\x1b[1;5A"), ["up"], "with Ctrl");
  t.same(names("\x1b[200~\x1b[?1;2c\x1b[<0;1;1M"), [], "sequences that mean nothing here");
  t.same(names("\x1bq"), ["escape", "q"]);
  for (const begin of ["\x1b", "\x1b[", "\x1b[5", "\x1bO"])
    t.same(readKeys(begin), { keys: [], rest: begin });
});
