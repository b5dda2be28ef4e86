import t from "tap";
import { tableLines } from "../../../src/client/text/table.ts";

void t.test("columns are as wide as their widest cell, and no line ends with blanks", async (t) => {
  t.same(
    tableLines(
      ["A", "LONG", "C"],
      [
        ["aaa", "b", ""],
        ["a", "bb", "c"],
      ],
    ),
    ["A    LONG  C", "aaa  b", "a    bb    c"],
  );
});

void t.test("a column in which nobody says anything is left out", async (t) => {
  t.same(
    tableLines(
      ["A", "B", "C"],
      [
        ["a", "", "c"],
        ["aa", ""],
      ],
    ),
    ["A   C", "a   c", "aa"],
  );
});
