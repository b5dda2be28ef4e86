import t from "tap";
import { reflow } from "../../../src/client/text/reflow.ts";

void t.test("prose is filled anew, examples and short lines stay", (t) => {
  const long = `${"word ".repeat(19)}word`;
  const text = `${long}\nand its end.\nA line of its own.\n\nExamples:\n  magpie steal --target netns:shop --port 80:8080\n`;
  const lines = reflow(text, 50).split("\n");
  t.ok(lines.every((line) => line.length <= 50));
  t.match(lines.join("\n"), /word\s+and its end\.\nA line of its own\.\n\nExamples:\n {2}magpie steal/);
  t.equal(reflow("Usage: magpie\n\nOptions:\n  -h  help\n", 80), "Usage: magpie\n\nOptions:\n  -h  help\n");
  t.end();
});
