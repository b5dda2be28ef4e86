import { parseEnv } from "node:util";
import t from "tap";
import { EnvFileError, parseEnvFile } from "../../../src/client/context/env-file.ts";
import { Random } from "../../filters/random.ts";

function read(text: string): Record<string, string> {
  return Object.fromEntries(parseEnvFile(text).map(({ name, value }) => [name, value]));
}

void t.test("a file of variables is read as people write it", async (t) => {
  const cases: [text: string, variables: Record<string, string>][] = [
    ["", {}],
    ["# nothing\n\n  # more\n", {}],
    ["A=1", { A: "1" }],
    ["\u00EF\u00BB\u00BFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["export A=1\n  B =  two words  \nC=\n", { A: "1", B: "two words", C: "" }],
    ["A=1 # one\nB=# none\nC='#x' # two\n", { A: "1", B: "", C: "#x" }],
    ["A='it is\n$HOME \\n'\nB=\"x\\ny\"\nC=`'\"`\n", { A: "it is\n$HOME \\n", B: "x\ny", C: "'\"" }],
    ["A=a=b'c\nspring.datasource-url=x", { A: "a=b'c", "spring.datasource-url": "x" }],
    ["A=1\nA=2", { A: "2" }],
    ["A=\xFF\xFE", { A: "\xFF\xFE" }],
  ];
  for (const [text, variables] of cases) t.same(read(text), variables, JSON.stringify(text));
});

void t.test("what is read in two ways is refused with its line, and without its words", async (t) => {
  const cases: [text: string, line: number, message: RegExp][] = [
    ["A=1\nhunter2", 2, /not NAME=value/],
    ["9A=1", 1, /not NAME=value/],
    ["A='x\ny'\nB='hunter2\n", 3, /' is never closed/],
    ["A='x' hunter2", 1, /behind the closing '/],
    ["A=hunter#2", 1, /# inside a value/],
    ["A=hunter\r2", 1, /control character/],
    ["A=1\n\nA=\0", 3, /control character/],
    ["A='x\n\r'", 1, /carriage return/],
    ["A= \nB=1", 1, /empty value behind blanks/],
  ];
  for (const [text, line, message] of cases) {
    try {
      parseEnvFile(text);
      t.fail(JSON.stringify(text));
    } catch (error) {
      t.ok(error instanceof EnvFileError);
      t.match(error, { line, message }, JSON.stringify(text));
      t.notMatch(String(error), /hunter/);
    }
  }
});

void t.test("what is accepted means the same to node --env-file", async (t) => {
  const random = new Random(11);
  const pieces = ["A", "B", "=", "'", '"', "`", "\n", " ", "#", "\\n", "x", "export ", "\r\n", "$A"];
  let accepted = 0;
  for (let round = 0; round < 30_000; round++) {
    const text = `A=${Array.from({ length: random.below(9) }, () => random.pick(pieces)).join("")}`;
    let variables: Record<string, string>;
    try {
      variables = read(text);
    } catch {
      continue; // Refused, where node guesses.
    }
    const expected = { ...parseEnv(text) };
    // Node takes an indented comment or `export` for a part of the name.
    if (Object.keys(expected).some((name) => /[ #]/.test(name))) continue;
    accepted++;
    if (JSON.stringify(variables) !== JSON.stringify(expected))
      t.same(variables, expected, JSON.stringify(text));
  }
  t.ok(accepted > 5_000, `${accepted} were accepted`);
});
