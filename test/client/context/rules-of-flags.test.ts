import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { RuleFlag } from "../../../src/client/context/environment-rule.ts";
import { rulesOfFlags } from "../../../src/client/context/rules-of-flags.ts";
import { ClientError } from "../../../src/client/errors.ts";

const empty = { pod: new Map<string, string>(), yours: new Map<string, string>() };

void t.test("a flag that cannot be understood says how it is written, and repeats no value", async (t) => {
  const cases: [flag: RuleFlag, text: string, says: RegExp][] = [
    ["include", "", /--include names no variable/],
    ["exclude", "A=hunter2", /--exclude takes a name, and A=… is more/],
    ["override", "hunter2", /--override is written NAME=value/],
    ["override", "=hunter2", /--override is written NAME=value/],
    ["override", "A*=hunter2", /--override sets one variable, and 'A\*' names many/],
    ["map", "hunter2", /--map is written NAME=value/],
    ["from-env-file", "/nowhere/at/all", /--from-env-file \/nowhere\/at\/all: ENOENT/],
    ["from-env-file", "/", /--from-env-file \/: it is a directory/],
  ];
  for (const [flag, text, says] of cases) {
    try {
      rulesOfFlags([{ flag, text }]);
      t.fail(`--${flag} ${text}`);
    } catch (error) {
      t.ok(error instanceof ClientError && error.code === "usage");
      t.match(error, { message: says });
      t.notMatch(JSON.stringify(error) + String(error), /hunter2/);
    }
  }
});

void t.test("a file's variables stand where the flag stands, the file's last line last", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "magpie-rules-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "a b.env");
  writeFileSync(path, Buffer.from("A=file\n# more\nA='\xFF'\nB=file\n", "latin1"));
  const rules = rulesOfFlags([
    { flag: "override", text: "A=first" },
    { flag: "from-env-file", text: path },
    { flag: "override", text: "B=ümlaut=x" },
  ]);
  const [a, b] = ["A", "B"].map((name) => rules.decide(name, empty));
  t.match(a, { value: "\xFF", rule: { written: `--from-env-file '${path}', line 3` } });
  t.equal(b?.value, Buffer.from("ümlaut=x").toString("latin1"), "a value is what it says in UTF-8");

  writeFileSync(path, "A=1\nhunter2\n");
  t.throws(() => rulesOfFlags([{ flag: "from-env-file", text: path }]), {
    message: /line 2: it is not NAME=value$/,
  });
  writeFileSync(path, "A".repeat(1024 * 1024 + 1));
  t.throws(() => rulesOfFlags([{ flag: "from-env-file", text: path }]), { message: /larger than 1 MB/ });
});
