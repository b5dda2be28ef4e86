import { readFileSync } from "node:fs";
import t from "tap";
import { exitCodeOf, exitCodes } from "../../src/client/exit-codes.ts";
import { runCli } from "./cli/run-cli.ts";

const text = readFileSync(new URL("../../docs/exit-codes.md", import.meta.url), "utf8");

void t.test("docs/exit-codes.md tells of every code", (t) => {
  const { signalBase, ...others } = exitCodes;
  for (const code of Object.values(others)) t.match(text, new RegExp(`^\\| ${code} \\|`, "m"));
  t.match(text, new RegExp(`${signalBase} \\+ n`));
  t.end();
});

void t.test("what is the command line's fault is 2, all else that fails is 1", (t) => {
  t.equal(exitCodeOf("usage"), exitCodes.usage);
  t.equal(exitCodeOf("target-unknown"), exitCodes.usage);
  for (const code of ["not-permitted", "agent-start", "no-agent", "session-lost", "program-start"] as const)
    t.equal(exitCodeOf(code), exitCodes.failure);
  t.end();
});

void t.test(
  "every command has help with examples and its exit codes, no wider than the screen",
  async (t) => {
    const commands = [
      ...["steal", "mirror", "exec", "why", "sessions", "release", "targets", "env", "doctor", "metrics"],
      ...["expect", "completion", "inspect"],
    ].map((name) => [name]);
    const nested = [
      ["filter", "set"],
      ["filter", "try"],
      ["explain", "env"],
      ["explain", "host"],
      ["explain", "path"],
      ["config", "show"],
      ["config", "check"],
      ["config", "init"],
      ["agent", "status"],
      ["agent", "logs"],
      ["agent", "stop"],
      ["agent", "image"],
    ];
    for (const words of [...commands, ...nested]) {
      const { exitCode, stdout } = await runCli([...words, "--help"]);
      const name = words.join(" ");
      t.equal(exitCode, 0, name);
      t.match(stdout, /Exit codes: /, name);
      t.ok(stdout.includes(`magpie ${name}`), `${name} has an example`);
      const wide = stdout.split("\n").filter((line) => line.length > 80 && line.trim().includes(" "));
      t.same(
        wide.filter((line) => !/\S{40,}/.test(line)),
        [],
        name,
      );
    }
  },
);

void t.test("a command that is nearly right is guessed", async (t) => {
  const { exitCode, stderr } = await runCli(["sesions"]);
  t.equal(exitCode, 2);
  t.match(stderr, /unknown command 'sesions'\n\(Did you mean sessions\?\)/);
});

void t.test("the help of all is grouped by what people do", async (t) => {
  const { stdout } = await runCli(["--help"]);
  t.match(
    stdout,
    /Work in the place of a pod:\n {2}steal [^]*See what happens:[^]*Change what runs:[^]*Set up:/,
  );
  t.notMatch(stdout, /Others:/, "each command has its place");
  t.ok(stdout.split("\n").every((line) => line.length <= 80));
});
