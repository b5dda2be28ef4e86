import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { parseEnvironBlock } from "../../src/client/context/index.ts";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import type { Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const execute = promisify(execFile);
const launcher = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));
const agentLauncher = fileURLToPath(new URL("../../src/agent/magpie-agent.js", import.meta.url));

/** Runs a command of magpie to its end; stdout in bytes. */
async function magpie(
  runtimeDirectory: RuntimeDirectory,
  ...args: string[]
): Promise<{ code: number; stdout: Buffer; stderr: string }> {
  const env = {
    PATH: `/your/bin:${process.env["PATH"]}`,
    HOME: "/your",
    MINE: "m",
    MAGPIE_RUNTIME_DIR: runtimeDirectory.path,
  };
  const options = { env, encoding: "buffer" as const, maxBuffer: 16 << 20 };
  try {
    const { stdout, stderr } = await execute(process.execPath, [launcher, ...args], options);
    return { code: 0, stdout, stderr: stderr.toString() };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: Buffer; stderr: Buffer }; // What execFile rejects with.
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr: stderr.toString() };
  }
}

/**
 * Starts an app that listens, with variables and nothing else. Its words go through a shell, which can make bytes that are
 * no UTF-8 of them.
 */
async function startApp(
  pod: Namespace,
  about: { port: number; variables: readonly string[]; before?: readonly string[] },
): Promise<Proc> {
  const server = `require("net").createServer().listen(${about.port}, () => console.log("up"))`;
  const words = ["env", "-i", ...about.variables, `'${process.execPath}'`, "-e", `'${server}'`].join(" ");
  const [program, ...rest] = [...(about.before ?? []), "sh", "-c", `exec ${words}`];
  const proc = await pod.spawn([program, ...rest]);
  await proc.line(/^up$/);
  return proc;
}

const secret = "hunter2-hunter2";
const huge = "x".repeat(120_000);

void t.test(
  "the environment of the app in the pod, by rules, in every form; and nobody keeps it",
  async (t) => {
    await using runtimeDirectory = await RuntimeDirectory.create();
    await using made = await createNamespaces({ label: "env" });
    const { pod } = made;
    const target = ["--target", `netns:${pod.name}`];
    const nasty = [
      "EMPTY=''",
      "LINES_OF='a\nb\n'",
      "QUOTES='it'\\''s \"$HOME\" `id`'",
      "BYTES=\"$(printf 'a\\377\\376\\nz')\"",
    ];
    await using app = await startApp(pod, {
      port: 8080,
      variables: [
        ...nasty,
        `DB_PASSWORD=${secret}`,
        `HUGE=$(printf %0120000d 0 | tr 0 x)`,
        "PATH=/pod/bin",
        "HOSTNAME=pod-1",
      ],
      // Another user's process, as a pod's mostly is.
      before: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    });
    const expected = new Map([
      ["EMPTY", ""],
      ["LINES_OF", "a\nb\n"],
      ["QUOTES", 'it\'s "$HOME" `id`'],
      ["BYTES", "a\xFF\xFE\nz"],
      ["DB_PASSWORD", secret],
      ["HUGE", huge],
      ["HOSTNAME", "pod-1"],
    ]);

    const json = await magpie(runtimeDirectory, "env", ...target, "--output", "json");
    t.equal(json.code, 0, json.stderr);
    const {
      process: chosen,
      variables,
      yours,
    } = JSON.parse(json.stdout.toString()) as {
      process: { pid: number; because: string };
      variables: { name: string; value: string | null; valueBase64?: string; source: string }[];
      yours: number;
    }; // Its documented form.
    t.equal(chosen.pid, app.pid);
    t.equal(
      chosen.because.split(" (")[0],
      "it is the only one that listens for TCP connections, on port 8080",
    );
    const told = variables.map(({ name, value, valueBase64 }) => {
      const bytes = valueBase64 === undefined ? Buffer.from(value ?? "") : Buffer.from(valueBase64, "base64");
      return [name, bytes.toString("latin1")] as const;
    });
    t.same(new Map(told), expected, "all that the app has, PATH excepted");
    t.ok(variables.every(({ source }) => source === "pod"));
    t.ok(yours >= 4, "PATH, HOME and others are the user's own");

    await t.test("the shell form makes that environment in sh and bash", async (t) => {
      const flags = [
        "--unset",
        "MINE",
        "--override",
        "ADDED=it's",
        "--map",
        "HOST*=mapped",
        "--include",
        "PATH",
      ];
      const { stdout } = await magpie(runtimeDirectory, "env", ...target, "--output", "shell", ...flags);
      const file = join(runtimeDirectory.path, "env.sh");
      writeFileSync(file, stdout);
      for (const shell of [["sh"], ["bash", "--norc"]]) {
        const script = 'set -eu; . "$0"; exec /bin/cat /proc/self/environ';
        const [program = "", ...rest] = shell;
        const env = { MINE: "m", HOME: "/your" };
        const block = execFileSync(program, [...rest, "-c", script, file], { env, maxBuffer: 16 << 20 });
        const after = parseEnvironBlock(block).variables;
        const rules = [
          ["ADDED", "it's"],
          ["HOSTNAME", "mapped"],
          ["PATH", "/pod/bin"],
          ["HOME", "/your"],
        ] as const;
        for (const [name, value] of new Map([...expected, ...rules]))
          t.equal(after.get(name) === value, true, `${program}: ${name}`);
        t.notOk(after.has("MINE"), `${program}: what is unset is gone`);
      }
    });

    await t.test("the other forms leave out what they cannot say, and say so", async (t) => {
      const [dotenv, text, all] = await Promise.all([
        magpie(runtimeDirectory, "env", ...target, "--output", "dotenv"),
        magpie(runtimeDirectory, "env", ...target, "--exclude", "HUGE"),
        magpie(runtimeDirectory, "env", ...target, "--all"),
      ]);
      t.match(dotenv.stderr, /left out: BYTES, since its value cannot stand in the file/);
      t.match(dotenv.stderr, /left out: QUOTES, since its value cannot stand in the file/);
      const file = join(runtimeDirectory.path, ".env");
      writeFileSync(file, dotenv.stdout);
      const back = execFileSync(
        process.execPath,
        [`--env-file=${file}`, "-p", "JSON.stringify(process.env)"],
        { env: {} },
      );
      const read = JSON.parse(back.toString()) as Record<string, string>; // Variables.
      for (const [name, value] of expected)
        if (name !== "BYTES" && name !== "QUOTES") t.equal(read[name] === value, true, name);
      t.match(text.stdout.toString(), /^BYTES=\$'a\\xff\\xfe\\nz'$/m);
      t.notMatch(text.stdout.toString(), /HUGE/);
      t.match(text.stderr, new RegExp(`environment of process ${app.pid} \\(node\\): it is the only one`));
      t.match(all.stdout.toString(), /^PATH=\/your\/bin:.*$/m);
    });

    await t.test("explain tells the rule, and secrets only when asked", async (t) => {
      const file = join(runtimeDirectory.path, "more.env");
      writeFileSync(file, "NODE_OPTIONS='--require /nowhere.js'\nFROM_FILE=\"two\\nlines\"\n");
      const names = ["PATH", "DB_PASSWORD", "HOSTNAME", "NOPE", "FROM_FILE"];
      const flags = ["--map", "HOST*=x", "--from-env-file", file];
      const { stdout } = await magpie(runtimeDirectory, "explain", "env", ...names, ...target, ...flags);
      const said = stdout.toString();
      t.match(
        said,
        /^PATH is yours: it is on the built-in list since .*; --include PATH takes the pod's\n {2}value: \/your/m,
      );
      t.match(said, /^DB_PASSWORD is the pod's: no rule names it\n {2}value: \(masked/m);
      t.match(said, /^HOSTNAME is set by --map 'HOST\*': that changes its value.*\n {2}value: x$/m);
      t.match(said, /^NOPE is not set: no rule names it/m);
      t.match(
        said,
        /^FROM_FILE is set by --from-env-file \S+, line 2: .*\n {2}value: two.lines$/mu,
        "of a file that node does not obey",
      );
    });

    const inode = String(statSync(`/run/netns/${pod.name}`).ino);
    const log = readFileSync(join(runtimeDirectory.path, inode, "agent.log"), "utf8");
    t.match(log, /agent ready/);
    t.notMatch(log, /hunter2|PASSWORD/, "the agent's log knows nothing of it");
    await until(async () => (await pod.pids()).length === 1, { what: "the agent to leave" });
  },
);

void t.test("which process it is can be told, and what cannot be read is explained", async (t) => {
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using made = await createNamespaces({ label: "envprocs" });
  const { pod } = made;
  const target = ["--target", `netns:${pod.name}`];
  const ask = (...args: string[]) => magpie(runtimeDirectory, "env", ...target, ...args);

  const nobody = await ask();
  t.equal(nobody.code, 1);
  t.match(nobody.stderr, /no process (runs )?in the target's network namespace/);

  await using app = await startApp(pod, { port: 8080, variables: [`TOKEN=${secret}`, "NAME=app"] });
  await using sidecar = await startApp(pod, { port: 9090, variables: ["NAME=sidecar"] });
  // A program that writes its title over what it was started with.
  await using titled = await pod.spawn([
    "perl",
    "-e",
    '$0 = "title" . "t" x 100_000; $| = 1; print "up\\n"; sleep 60',
  ]);
  await titled.line(/^up$/);
  const outside = createServer().listen(0, "127.0.0.1");
  await once(outside, "listening");
  t.teardown(() => outside.close());

  const [several, one, byPid, elsewhere, overwritten] = await Promise.all([
    ask(),
    ask("--process", String(sidecar.pid)),
    magpie(runtimeDirectory, "env", "--target", `pid:${app.pid}`),
    ask("--process", String(process.pid)),
    ask("--process", String(titled.pid)),
  ]);
  t.equal(several.code, 1);
  t.match(several.stderr, /2 processes listen .*name one by --process:/);
  for (const [pid, port] of [
    [app.pid, 8080],
    [sidecar.pid, 9090],
  ])
    t.match(several.stderr, new RegExp(`^ +${pid} \\(node, listens on port ${port}\\)$`, "m"));
  t.match(one.stdout.toString(), /^NAME=sidecar$/m);
  t.match(one.stderr, /: it was named/);
  t.match(byPid.stdout.toString(), /^NAME=app$/m);
  t.equal(elsewhere.code, 1);
  t.match(elsewhere.stderr, /process \d+ runs in another network namespace/);
  t.equal(overwritten.code, 1, "no variables that are none");
  t.match(overwritten.stderr, /\(perl\) has written over its environment: nothing is left[\s\S]*--process/);

  await sidecar.kill();
  const [gone, left] = await Promise.all([ask("--process", String(sidecar.pid)), ask()]);
  t.equal(gone.code, 1);
  t.match(gone.stderr, new RegExp(`process ${sidecar.pid} is gone`));
  t.match(left.stdout.toString(), /^NAME=app$/m, "of one that is left no name is needed");
  for (const { stderr } of [several, gone, elsewhere, overwritten]) t.notMatch(stderr, /hunter2/);
});

void t.test("an agent that may not read it says which capability it lacks", async (t) => {
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using made = await createNamespaces({ label: "envcaps" });
  const { pod } = made;
  await using app = await startApp(pod, {
    port: 8080,
    variables: [`TOKEN=${secret}`],
    before: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  });
  const directory = join(runtimeDirectory.path, String(statSync(`/run/netns/${pod.name}`).ino));
  const without = ["setpriv", "--bounding-set=-sys_ptrace,-dac_read_search", "--inh-caps=-all"] as const;
  await using agent = await pod.spawn([
    ...without,
    process.execPath,
    agentLauncher,
    "run",
    "--runtime-dir",
    directory,
    "--linger-ms",
    "60000",
  ]);
  await agent.line(/"event":"ready"/);
  const target = `netns:${pod.name}`;
  const [chosen, named] = await Promise.all([
    magpie(runtimeDirectory, "env", "--target", target),
    magpie(runtimeDirectory, "env", "--target", target, "--process", String(app.pid), "--output", "json"),
  ]);
  for (const { code, stderr } of [chosen, named]) {
    t.equal(code, 1);
    t.match(stderr, /takes CAP_SYS_PTRACE/);
  }
  t.match(JSON.parse(named.stdout.toString()), { event: "ended", code: "ask-refused" });
});
