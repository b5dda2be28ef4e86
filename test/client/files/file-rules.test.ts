import t from "tap";
import type { FileRule } from "../../../src/client/files/file-rule.ts";
import { fileModes } from "../../../src/client/files/file-rule.ts";
import { FileRules } from "../../../src/client/files/file-rules.ts";
import { PathPattern } from "../../../src/client/files/path-pattern.ts";
import { Random } from "../compare/random-json.ts";

const rule = (text: string): FileRule => {
  const [mode = "", pattern = ""] = text.split(":");
  return { mode: fileModes.find((one) => one === mode) ?? "read", pattern, written: text, origin: "flag" };
};

void t.test("the first rule that fits decides, and what no rule names goes with the rest", async (t) => {
  const rules = new FileRules({
    rules: ["absent:/etc/app/key", "read-write:/etc/app", "local:/etc", "read:/etc/app"].map(rule),
    otherwise: "read",
  });
  const decided = (path: string) => rules.decide(path);
  t.match(decided("/etc/app/key"), { mode: "absent", rule: { written: "absent:/etc/app/key" } });
  t.match(decided("/etc/app/keys"), { mode: "read-write" });
  t.match(decided("/etc/passwd"), { mode: "local" });
  t.same(decided("/srv"), { mode: "read", rule: undefined });
  t.same(decided("/"), { mode: "read", rule: undefined });
  t.same(
    rules.fitting("/etc/app").map(({ written }) => written),
    ["read-write:/etc/app", "local:/etc", "read:/etc/app"],
  );
});

void t.test("agrees with asking each rule in turn, however they are looked up", async (t) => {
  const random = new Random(43);
  const names = ["a", "b", "*", "**", "."];
  const make = () => `/${Array.from({ length: 1 + random.number(3) }, () => random.pick(names)).join("/")}`;
  for (let round = 0; round < 300; round++) {
    const rules = Array.from({ length: random.number(8) }, (_, index) => {
      return { ...rule(`${random.pick(fileModes)}:${make().replaceAll("/./", "/")}`), written: `${index}` };
    });
    const decider = new FileRules({ rules, otherwise: "local" });
    for (let ask = 0; ask < 30; ask++) {
      const path = `/${Array.from({ length: random.number(4) }, () => random.pick(["a", "b"])).join("/")}`;
      const expected = rules.find(({ pattern }) => new PathPattern(pattern).fits(path));
      const { rule } = decider.decide(path);
      if (rule !== expected) t.same(rule, expected, `${path} by ${JSON.stringify(rules)}`);
    }
  }
});

void t.test(
  "a thread can be given the list, and remembers no more decisions than it has room for",
  async (t) => {
    const list = structuredClone({ rules: [rule("local:/a")], otherwise: "read" as const });
    const rules = new FileRules(list);
    for (let index = 0; index < 10_000; index++) rules.decide(`/${index}`);
    t.equal(rules.decide("/a/b").mode, "local");
    t.equal(rules.decide("/7").mode, "read");
  },
);
