import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { runCli } from "../run-cli.ts";

const answers = [
  "--target",
  "deployment/web",
  "--port",
  "80:3000",
  "--header",
  "x-user: {{ env.USER }}",
  "--mode",
  "steal",
];

void t.test(
  "magpie config init writes a config that is right, in each format, and writes nothing over",
  async (t) => {
    const cwd = t.testdir({ ".git": {} });
    const environment = { USER: "alice" };
    for (const file of ["a.json", "b.jsonc", "c.toml", "d.yaml"]) {
      t.equal((await runCli(["config", "init", file, ...answers], {}, { cwd })).exitCode, 0);
      t.match(readFileSync(`${cwd}/${file}`, "utf8"), /(?:#|\/\/) In whose place/);
      const { stdout } = await runCli(["config", "show", "-f", file, "--output", "json"], environment, {
        cwd,
      });
      for (const part of ['"deployment/web"', '["80:3000"]', '["x-user: alice"]', '"steal"'])
        t.ok(stdout.includes(part), part);
    }
    const before = readFileSync(`${cwd}/c.toml`, "utf8");
    const again = await runCli(["config", "init", "c.toml", "--yes"], {}, { cwd });
    t.equal(again.exitCode, 1);
    t.match(again.stderr, /c\.toml is there already/);
    t.equal(readFileSync(`${cwd}/c.toml`, "utf8"), before);
  },
);

void t.test("without a terminal nothing is asked, and what is said is checked", async (t) => {
  const cwd = t.testdir({ ".git": {} });
  const silent = await runCli(["config", "init"], {}, { cwd });
  t.equal(silent.exitCode, 2);
  t.match(silent.stderr, /no terminal to ask/);
  const wrong = await runCli(["config", "init", "--target", "web", "--output", "json"], {}, { cwd });
  t.match(JSON.parse(wrong.stdout), { event: "ended", code: "usage", message: /"web" is not a target/ });
  const open = await runCli(["config", "init", "--yes", "--output", "json"], {}, { cwd });
  t.same(JSON.parse(open.stdout), { event: "config-written", file: ".magpie/magpie.jsonc" });
  t.equal((await runCli(["config", "check"], {}, { cwd })).exitCode, 0);
  const second = await runCli(["config", "init", "magpie.toml", "--yes"], {}, { cwd });
  t.match(second.stderr, /there is a config already: \.magpie\/magpie\.jsonc/);
});

/** Answers each question when it has come; prints what was seen. */
const user = `
import os, pty, sys, time, select
answers = ["web", "deployment/web", "80:3000", "x-user: {{ env.USER }}", ""]
process, terminal = pty.fork()
if process == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
end = time.monotonic() + 60
while time.monotonic() < end:
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    seen += more
    if answers and seen.count(b"\\n> ") > 5 - len(answers):
        os.write(terminal, answers.pop(0).encode() + b"\\n")
print(seen.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
`;

void t.test("on a terminal it asks, and asks again what was answered wrong", async (t) => {
  const cwd = t.testdir({ ".git": {} });
  const launcher = fileURLToPath(new URL("../../../../src/client/magpie.js", import.meta.url));
  const words = ["-c", user, process.execPath, launcher, "config", "init", "magpie.yaml"];
  const { stdout } = await promisify(execFile)("python3", words, {
    cwd,
    env: { ...process.env, TERM: "dumb" },
  });
  t.match(stdout, /"web" is not a target[\s\S]*Did you mean/);
  t.match(stdout, /written: magpie\.yaml[\s\S]* 0\n$/);
  const text = readFileSync(`${cwd}/magpie.yaml`, "utf8");
  t.match(text, /^target: "deployment\/web"$/m);
  t.match(text, /^ {2}filter: \{ header: "x-user: \{\{ env\.USER \}\}" \}$/m);
  t.match(text, /^ {2}# mode: steal$/m, "what was left open is a comment");
});
