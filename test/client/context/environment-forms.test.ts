import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";
import t from "tap";
import { bytesOf, textOf, toByteText } from "../../../src/client/context/byte-text.ts";
import { parseEnvFile } from "../../../src/client/context/env-file.ts";
import { asDotenv, asJson, asShell, asShown } from "../../../src/client/context/environment-forms.ts";
import { type DecidedVariable, EnvironmentRules } from "../../../src/client/context/environment-rules.ts";
import { parseEnvironBlock } from "../../../src/client/context/environ-block.ts";
import { Random } from "../../filters/random.ts";

function variable(name: string, value: string | undefined): DecidedVariable {
  const pod = new Map(value === undefined ? [] : [[name, value]]);
  return new EnvironmentRules([{ kind: "include", pattern: "*", written: "" }]).decide(name, {
    pod,
    yours: new Map(),
  });
}

const everyByte = Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).join("");
/** Values that have broken somebody's quoting before. */
const nasty = [
  ...[
    "",
    " ",
    "plain",
    "two words",
    "it's",
    "''",
    "'\\''",
    '"',
    "`id`",
    "$(id)",
    "$HOME ${HOME}",
    "a\\",
    "\\n",
  ],
  ...["\n", "a\n\nb\n", "#", "a #b", "!!", "~", "*", ";&|<>", "\t", "=", "a=b", "-n", toByteText("é✓")],
  ...["\u001B[31m", "%s", "x'\"`$\\x", everyByte, "\xFF\xFE", "x".repeat(100_000)],
];

// Without its flag bash takes the socket that Node gives it as stdin for a remote login's.
for (const [shell, ...flags] of [["sh"], ["bash", "--norc"]] as const)
  void t.test(`every value comes back from ${shell} that reads the export lines`, async (t) => {
    const values = new Map(nasty.map((value, index) => [`V${index}`, value]));
    const gone = variable("GONE", undefined);
    const { text, unsaid } = asShell([...[...values].map(([name, value]) => variable(name, value)), gone]);
    t.same(unsaid, []);
    const script = 'set -eu; eval "$(cat)"; exec cat /proc/self/environ';
    const block = execFileSync(shell, [...flags, "-c", script], {
      input: bytesOf(text),
      env: { PATH: process.env["PATH"] ?? "", GONE: "here" },
      maxBuffer: 16 << 20,
    });
    const { variables } = parseEnvironBlock(block);
    for (const [name, value] of values)
      if (variables.get(name) !== value) t.equal(variables.get(name), value, JSON.stringify(value));
    t.notOk(variables.has("GONE"), "what is unset is gone");
  });

void t.test("a shell is told nothing that it would refuse, or run", async (t) => {
  const names = ["UID", "my.var", "BASH_FUNC_ls%%", "A\nid #", "9A", "é"].map(toByteText);
  const { text, unsaid } = asShell(names.map((name) => variable(name, "() { id; }")));
  t.equal(text, "");
  t.same(
    unsaid.map(({ name }) => name),
    names,
  );
});

void t.test("every value that stands in a file of variables is read from it by node and by us", async (t) => {
  const random = new Random(5);
  const letters = ["'", '"', "`", "\\", "\n", " ", "#", "$", "a", "n", "\r", "é", "=", "\xFF"];
  const values = [...nasty];
  for (let round = 0; round < 3_000; round++)
    values.push(Array.from({ length: random.below(7) }, () => toByteText(random.pick(letters))).join(""));
  const all = values.map((value, index) => variable(`V${index}`, value));
  const { text, unsaid } = asDotenv(all);
  const missing = new Set(unsaid.map(({ name }) => name));
  const said = all.filter(({ name }) => !missing.has(name));
  t.ok(said.length > 2_000, `${said.length} of ${all.length} stand in it`);
  const ours = new Map(parseEnvFile(text).map(({ name, value }) => [name, value]));
  const nodes = parseEnv(bytesOf(text).toString("utf8"));
  for (const { name, value = "" } of said) {
    if (ours.get(name) !== value) t.equal(ours.get(name), value, JSON.stringify(value));
    if (nodes[name] !== textOf(value)) t.equal(nodes[name], textOf(value), JSON.stringify(value));
  }
});

void t.test("what cannot stand in a file of variables is named, with the reason", async (t) => {
  const cannot = [
    variable("GONE", undefined),
    variable("a b", "x"),
    variable("CR", "a\rb"),
    variable("BYTES", "\xFF"),
    variable("QUOTES", "'\"`"),
  ];
  const { text, unsaid } = asDotenv([...cannot, variable("A", "1")]);
  t.equal(text, "A=1\n");
  t.match(
    unsaid.map(({ because }) => because),
    [/take one away/, /name/, /value/, /value/, /value/],
  );
});

void t.test("what is shown to people is one line that cannot move their cursor", async (t) => {
  const cases: [name: string, value: string | undefined, shown: string][] = [
    ["A", "it's", "A=it's"],
    ["A", undefined, "A is not set"],
    ["A", "a\nb\t'\u001B[2J\x7F", "A=$'a\\nb\\t\\'\\e[2J\\x7f'"],
    ["A", toByteText("é✓"), "A=é✓"],
    ["A", toByteText("é\u202E"), "A=$'é\\U0000202e'"],
    ["A", "\xFFa'", "A=$'\\xffa\\''"],
    ["a\n", "b", "$'a\\n'=b"],
  ];
  for (const [name, value, shown] of cases) t.equal(asShown(variable(name, value)), shown);
  const shown = asShown(variable("ALL", everyByte)).slice("ALL=".length);
  const back = execFileSync("bash", ["-c", `printf %s ${shown}`], { encoding: "latin1" });
  t.equal(back, everyByte, "bash reads it back");
});

void t.test("a program gets text where it is text, and every byte where it is not", async (t) => {
  t.match(asJson(variable("A", toByteText("é"))), { name: "A", value: "é", source: "pod", rule: "" });
  t.same(asJson(variable("A", undefined)), { name: "A", value: null, source: "none", rule: "" });
  const { value, valueBase64, nameBase64 } = asJson(variable("\xFF", "\x80\xFF"));
  t.same([value, valueBase64, nameBase64], [null, "gP8=", "/w=="]);
});
