import t from "tap";
import type { WrittenRule } from "../../../src/client/context/environment-rule.ts";
import { explainVariable } from "../../../src/client/context/explain-variable.ts";
import { rulesOfFlags } from "../../../src/client/context/rules-of-flags.ts";

const sources = {
  pod: new Map([
    ["FOO", "x"],
    ["PATH", "/pod"],
    ["GOPATH", "/go"],
    ["BOTH", "x"],
  ]),
  yours: new Map([
    ["PATH", "/bin"],
    ["BOTH", "y"],
    ["EDITOR", "vi"],
    ["MINE", "z"],
  ]),
};

/** `--flag text` as a rule. */
function rulesOf(...words: string[]) {
  const written = words.map((word): WrittenRule => {
    const [flag = "", text = ""] = word.split(" ");
    // As the test writes it.
    return { flag: flag as WrittenRule["flag"], text };
  });
  return rulesOfFlags(written);
}

void t.test(
  "a sentence says whose a variable is, by which rule, and the way to have it otherwise",
  async (t) => {
    const cases: [name: string, rules: string[], says: string][] = [
      ["FOO", [], "FOO is the pod's: no rule names it"],
      ["MINE", [], "MINE is yours: no rule names it, and the pod has none"],
      ["NOPE", [], "NOPE is not set: no rule names it, and neither the pod nor you have it"],
      [
        "PATH",
        [],
        "PATH is yours: it is on the built-in list since it names folders of the machine where programs, libraries and data are " +
          "looked for; --include PATH takes the pod's",
      ],
      [
        "GOPATH",
        [],
        "GOPATH is not set: it is on the built-in list since it says where a language's runtime or its packages are installed, and " +
          "you have none; --include GOPATH takes the pod's",
      ],
      [
        "EDITOR",
        [],
        "EDITOR is yours: it is on the built-in list since it describes the terminal or desktop that you sit at",
      ],
      [
        "PATH",
        ["include P*"],
        "PATH is the pod's: --include 'P*' takes it, though it is on the built-in list",
      ],
      ["FOO", ["include FOO"], "FOO is the pod's: --include FOO takes it"],
      ["MINE", ["include *"], "MINE is yours: --include '*' names it, but the pod has none"],
      ["NOPE", ["include *"], "NOPE is not set: --include '*' names it, but the pod has none, nor have you"],
      ["BOTH", ["exclude BOTH"], "BOTH is yours: --exclude BOTH leaves the pod's out"],
      ["FOO", ["exclude F*"], "FOO is not set: --exclude 'F*' leaves the pod's out, and you have none"],
      ["MINE", ["exclude MINE"], "MINE is yours: --exclude MINE names it, and the pod has none"],
      ["FOO", ["unset FOO"], "FOO is not set: --unset FOO takes it away"],
      ["FOO", ["override FOO=1"], "FOO is set by --override FOO: whoever has another value"],
      ["FOO", ["map F*=1"], "FOO is set by --map 'F*': that changes its value, wherever it comes from"],
      [
        "FOO",
        ["exclude *", "override FOO=1", "include FOO"],
        "FOO is the pod's: --include FOO takes it; it was written behind --exclude '*', --override FOO",
      ],
    ];
    for (const [name, rules, says] of cases)
      t.equal(explainVariable(rulesOf(...rules).decide(name, sources)), says);
  },
);

void t.test("no sentence holds a value", async (t) => {
  const rules = rulesOf("override FOO=hunter2", "map *=hunter2", "override FOO=hunter2");
  t.notMatch(explainVariable(rules.decide("FOO", sources)), /hunter2/);
});
