import t from "tap";
import { EnvironmentRules, programVariables } from "../../../src/client/context/environment-rules.ts";
import type { EnvironmentRule } from "../../../src/client/context/environment-rule.ts";
import { Random } from "../../filters/random.ts";

type Kind = "include" | "exclude" | "unset";

function named(kind: Kind, pattern: string): EnvironmentRule {
  return { kind, pattern, written: `--${kind} ${pattern}` };
}

function set(name: string, value: string): EnvironmentRule {
  return { kind: "set", name, value, written: `--override ${name}` };
}

function map(pattern: string, value: string): EnvironmentRule {
  return { kind: "map", pattern, value, written: `--map ${pattern}` };
}

const pod = new Map([
  ["FOO", "pod's"],
  ["PATH", "/pod/bin"],
  ["BOTH", "pod's"],
  ["LD_SDK_KEY", "pod's"],
]);
const yours = new Map([
  ["PATH", "/your/bin"],
  ["BOTH", "yours"],
  ["EDITOR", "vi"],
]);
const sources = { pod, yours };

void t.test("the rule that was written last of those that name a variable decides", async (t) => {
  const cases: [name: string, rules: EnvironmentRule[], source: string, value?: string][] = [
    // No rule: the pod's, else yours; the built-in list keeps yours.
    ["FOO", [], "pod", "pod's"],
    ["BOTH", [], "pod", "pod's"],
    ["EDITOR", [], "yours", "vi"],
    ["NOPE", [], "none"],
    ["PATH", [], "yours", "/your/bin"],
    ["LD_SDK_KEY", [], "pod", "pod's"],
    // The user's rule beats the built-in list.
    ["PATH", [named("include", "PATH")], "pod", "/pod/bin"],
    ["PATH", [named("include", "*")], "pod", "/pod/bin"],
    ["PATH", [named("include", "P*H")], "pod", "/pod/bin"],
    ["PATH", [named("unset", "PATH")], "none"],
    ["PATH", [set("PATH", "/x")], "rule", "/x"],
    // Another name's rule changes nothing; case counts.
    ["FOO", [named("unset", "FO"), named("unset", "foo"), set("FOOD", "x")], "pod", "pod's"],
    ["FOO", [named("exclude", "*")], "none"],
    ["BOTH", [named("exclude", "*")], "yours", "yours"],
    ["EDITOR", [named("include", "EDITOR")], "yours", "vi"],
    ["FOO", [named("exclude", "*"), named("include", "F*")], "pod", "pod's"],
    ["FOO", [named("include", "F*"), named("exclude", "*")], "none"],
    ["FOO", [set("FOO", "1"), named("unset", "*")], "none"],
    ["FOO", [named("unset", "*"), set("FOO", "1")], "rule", "1"],
    ["NOPE", [set("NOPE", "1"), set("NOPE", "2")], "rule", "2"],
    // A map changes what is there, and nothing else.
    ["FOO", [map("F*", "m")], "rule", "m"],
    ["NOPE", [map("*", "m")], "none"],
    ["FOO", [named("exclude", "FOO"), map("F*", "m")], "none"],
    ["BOTH", [named("exclude", "BOTH"), map("*", "m")], "rule", "m"],
    ["FOO", [map("F*", "m"), named("include", "FOO")], "pod", "pod's"],
    ["FOO", [map("F*", "m"), set("FOO", "1")], "rule", "1"],
    ["FOO", [set("FOO", "1"), map("F*", "m"), map("*", "n")], "rule", "n"],
  ];
  for (const [name, rules, source, value] of cases) {
    const decided = new EnvironmentRules(rules).decide(name, sources);
    const what = `${name} by ${rules.map(({ written }) => written).join(" ") || "nothing"}`;
    t.same([decided.source, decided.value], [source, value], what);
  }
});

void t.test("rules that do not decide are told as overruled, in their order", async (t) => {
  const rules = [named("exclude", "*"), set("BAR", "1"), named("include", "F*"), named("unset", "FOO")];
  const { rule, overruled } = new EnvironmentRules(rules).decide("FOO", sources);
  t.equal(rule, rules[3]);
  t.same(overruled, [rules[0], rules[2]]);
});

void t.test("all variables are those of the pod, yours and the rules', each once and by name", async (t) => {
  const all = programVariables(new EnvironmentRules([set("A", "1"), set("FOO", "1")]), sources);
  t.same(
    all.map(({ name }) => name),
    ["A", "BOTH", "EDITOR", "FOO", "LD_SDK_KEY", "PATH"],
  );
});

void t.test("any rules decide as a fold over them, from the first to the last, does", async (t) => {
  const random = new Random(7);
  const names = ["A", "AB", "PATH", "B"];
  const patterns = ["A", "A*", "*", "*B", "PATH"];
  const sides = () =>
    new Map(names.filter(() => random.chance(50)).map((name) => [name, String(random.below(9))]));
  for (let round = 0; round < 3_000; round++) {
    const sources = { pod: sides(), yours: sides() };
    const rules = Array.from({ length: random.below(5) }, () => {
      const kind = random.pick(["include", "exclude", "unset", "set", "map"] as const);
      if (kind === "set") return set(random.pick(names), "set");
      return kind === "map" ? map(random.pick(patterns), "map") : named(kind, random.pick(patterns));
    });
    for (const name of names) {
      const [podsValue, ownValue] = [sources.pod.get(name), sources.yours.get(name)];
      let expected = name === "PATH" ? ownValue : (podsValue ?? ownValue);
      for (const rule of rules) {
        const fits = rule.kind === "set" ? rule.name === name : globToRegExp(rule.pattern).test(name);
        if (!fits) continue;
        if (rule.kind === "include") expected = podsValue ?? ownValue;
        else if (rule.kind === "exclude") expected = ownValue;
        else if (rule.kind === "unset") expected = undefined;
        else if (rule.kind === "set") expected = rule.value;
        else if (expected !== undefined && rule.kind === "map") expected = rule.value;
      }
      const { value } = new EnvironmentRules(rules).decide(name, sources);
      if (value !== expected) t.same(value, expected, `${name}: ${JSON.stringify(rules)}`);
    }
  }
});

function globToRegExp(glob: string): RegExp {
  return new RegExp(`^${glob.replaceAll("*", ".*")}$`);
}
