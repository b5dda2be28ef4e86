import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import t from "tap";
import { runCli } from "../run-cli.ts";

const self = `pid:${process.pid}`;
/** Whatever sessions this user has on this machine, they are not looked at. */
const nowhere = { MAGPIE_RUNTIME_DIR: "/nonexistent" };

void t.test("every mistake exits with 2, says what to write, and repeats no value", async (t) => {
  const cases: [args: string[], ...says: RegExp[]][] = [
    [["env"], /which target is asked/, /Add --target/],
    [["env", "-t", "shop"], /Did you mean netns:shop, or deployment\/shop\?/],
    [["env", "-t", self, "A=hunter2"], /too many arguments/],
    [["env", "-t", self, "--override", "hunter2"], /--override is written NAME=value/],
    [["env", "-t", self, "--unset", "A=hunter2"], /--unset takes a name/, /--override NAME=value/],
    [["env", "-t", self, "--override", "A*=hunter2"], /'A\*' names many/, /--map 'A\*=…'/],
    [["env", "-t", self, "--from-env-file", "/nowhere"], /--from-env-file \/nowhere: ENOENT/],
    [["env", "-t", self, "--process", "init"], /--process "init" is not the number of a process/],
    [["env", "-t", self, "--output", "yaml"], /Allowed choices are text, json, shell, dotenv/],
    [["explain"], /Usage: magpie explain/, /env /],
    [["explain", "env", "-t", self], /missing required argument 'names'/],
    [["explain", "env", "A", "-t", self, "--map", "hunter2"], /--map is written NAME=value/],
  ];
  const results = await Promise.all(cases.map(async ([args]) => await runCli(args, nowhere)));
  for (const [index, { exitCode, stdout, stderr }] of results.entries()) {
    const [args = [], ...says] = cases[index] ?? [];
    t.equal(exitCode, 2, args.join(" "));
    t.equal(stdout, "", "stdout is left alone");
    for (const what of says) t.match(stderr, what);
    t.notMatch(stderr, /hunter2/);
  }
});

void t.test("help says which rule wins and what each form is for", async (t) => {
  for (const args of [
    ["env", "--help"],
    ["explain", "env", "--help"],
  ]) {
    const { exitCode, stdout } = await runCli(args);
    t.equal(exitCode, 0);
    for (const what of [/written\s+last\s+decides/, /--map <name=value>/, /Examples:\n {2}/])
      t.match(stdout, what);
  }
});

const needsRoot = { skip: process.geteuid?.() === 0 ? false : "only root has a privilege to drop" };

void t.test("without privilege it says so, and starts nothing", needsRoot, async (t) => {
  const launcher = fileURLToPath(new URL("../../../../src/client/magpie.js", import.meta.url));
  const args = ["--bounding-set=-sys_admin,-net_admin", "--inh-caps=-all", process.execPath, launcher];
  const child = spawn("setpriv", [...args, "env", "-t", self], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...nowhere },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  t.equal(await new Promise((resolve) => child.once("close", resolve)), 1);
  t.match(stderr, /lacks CAP_SYS_ADMIN[\s\S]*sudo/);
  t.equal(stdout, "");
});
