import t from "tap";
import { simpleCommands } from "../../../src/kubernetes/probes/shell-words.ts";

void t.test("a script is its simple commands, word by word", async (t) => {
  const cases: [string, string[][]][] = [
    ["a b  c", [["a", "b", "c"]]],
    ['a \'b c\' "d \\" e" f\\ g', [["a", "b c", 'd " e', "f g"]]],
    ["a && b || c; d | e\nf", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
    ["a >/dev/null 2>&1", [["a", "/dev/null", "2"], ["1"]]],
    ["(a; b)", [["a"], ["b"]]],
    ["a http://$(POD_IP):80/ b", [["a", "http://$(POD_IP):80/", "b"]]],
    ["a ''", [["a", ""]]],
    ["a 'b", [["a", "b"]]],
    ["", []],
  ];
  for (const [script, expected] of cases) t.same(simpleCommands(script), expected, script);
});
