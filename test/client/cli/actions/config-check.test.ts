import t from "tap";
import { jsonLine } from "../../../../src/client/json-lines/json-line.ts";
import { runCli } from "../run-cli.ts";

void t.test("magpie config check tells all that is wrong, with its place, and ends with 1", async (t) => {
  const cwd = t.testdir({ ".git": {}, "magpie.toml": '[incoming]\nmode = "stael"\nprots = 80\n' });
  const { stdout, exitCode } = await runCli(["config", "check"], {}, { cwd });
  t.equal(exitCode, 1);
  t.equal(
    stdout,
    `magpie.toml:2:8: incoming.mode: "stael" is none of steal, mirror, off
    2 | mode = "stael"
      |        ^^^^^^^
  Did you mean steal?
magpie.toml:3:1: incoming has no field "prots"
    3 | prots = 80
      | ^^^^^
  Did you mean ports?
magpie.toml: 2 problems
`,
  );
});

void t.test("what steal, mirror and exec would refuse together is told too, of each profile", async (t) => {
  const cwd = t.testdir({
    "a.yaml": `target: { name: netns:no-such-name, namespace: shop }
incoming:
  ports: ["80:3000", "80:3001"]
  tls: { ca: nowhere.pem }
environment: { envFile: .env }
profiles:
  ci: { incoming: { ports: 80, localTls: { ca: nowhere.pem } } }
`,
  });
  const { stdout, exitCode } = await runCli(["config", "check", "a.yaml", "--output", "json"], {}, { cwd });
  t.equal(exitCode, 1);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => jsonLine.parse(JSON.parse(line)));
  const told = lines.map((line) =>
    line.event === "problem" ? `${line.line}:${line.column} ${line.message}` : "",
  );
  for (const what of [
    /^1:48 target\.namespace is for targets of a cluster/,
    /^3:\d+ incoming\.ports names port 80 of the target twice/,
    /^4:14 incoming\.tls\.ca means nothing without a certificate/,
    /^5:25 environment\.envFile \S*\/\.env: ENOENT/,
    /^7:48 incoming\.localTls\.ca ".*nowhere\.pem" cannot be used/,
  ])
    t.ok(
      told.some((text) => what.test(text)),
      `${what} in ${told.join("\n")}`,
    );
  t.notMatch(stdout, /no-such-name.*no network namespace/, "whether the target is there is not asked");
  t.match(lines.at(-1), { event: "checked", file: "a.yaml", problems: lines.length - 1 });
});

void t.test(
  "nothing is wrong with a config that is right, and without one there is nothing to check",
  async (t) => {
    const cwd = t.testdir({
      ".git": {},
      sub: {},
      ".magpie": { "magpie.json": '{ "target": "pod/a", "incoming": { "mode": "mirror", "priority": 3 } }' },
    });
    const right = await runCli(["config", "check"], {}, { cwd: `${cwd}/sub` });
    t.same(right, { exitCode: 0, stdout: "../.magpie/magpie.json: nothing is wrong\n", stderr: "" });
    const none = await runCli(["config", "check"], {}, { cwd: t.testdir({ ".git": {} }) });
    t.equal(none.exitCode, 1);
    t.match(none.stderr, /there is no config here/);
  },
);
