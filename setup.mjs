#!/usr/bin/env node
/**
 * `node setup.mjs <demo|test|long|kubernetes|matrix|bench> [arguments]`: makes this machine ready for one job, then runs it.
 *
 * Runs on any Node from 18 on with nothing installed, which is why it is plain JavaScript and imports only Node. It says what
 * it installs and why, installs nothing that is there already, and asks for no right that the job does not need.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants as files,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const binFolder = join(root, "node_modules", ".bin");
const pinnedNode = join(binFolder, "node");

/** Set in the copy of this script that runs with more rights, so that it never asks for them again. */
const elevatedMark = "MAGPIE_SETUP_ELEVATED";

/** Debian and Ubuntu name the package that brings each command. */
const packages = {
  ip: "iproute2",
  ss: "iproute2",
  nft: "nftables",
  curl: "curl",
  nsenter: "util-linux",
  unshare: "util-linux",
  taskset: "util-linux",
  iptables: "iptables",
  conntrack: "conntrack",
  openssl: "openssl",
  nginx: "nginx-light",
  haproxy: "haproxy",
  wrk: "wrk",
  h2load: "nghttp2-client",
  nghttp: "nghttp2-client",
  nghttpx: "nghttp2-proxy",
  tc: "iproute2",
  socat: "socat",
  dnsmasq: "dnsmasq-base",
  "redis-server": "redis-server",
  mosquitto: "mosquitto",
  "redis-cli": "redis-tools",
  go: "golang-go",
  gcc: "gcc",
  "musl-gcc": "musl-tools",
  javac: "default-jdk-headless",
  busybox: "busybox-static",
  wget: "wget",
  python3: "python3",
  kubectl: "kubernetes-client",
  etcd: "etcd-server",
  containerd: "containerd",
  runc: "runc",
  "/usr/lib/cni/bridge": "containernetworking-plugins",
  podman: "podman",
  catatonit: "catatonit",
  debootstrap: "debootstrap",
  chromium: "chromium",
  zsh: "zsh",
  fish: "fish",
};
const demoCommands = ["ip", "ss", "nft", "curl", "nsenter", "unshare"];
/** What a benchmark runs beside Magpie, and with what. */
const benchCommands = {
  http1: ["nginx", "haproxy", "wrk"],
  http2: ["nginx", "haproxy", "nghttpx", "h2load"],
  tunnel: ["tc", "socat"],
  mirror: ["nginx", "wrk"],
  start: ["python3"],
};
/** What a cluster is made of, and images without a registry. */
const clusterCommands = ["etcd", "containerd", "runc", "/usr/lib/cni/bridge", "podman", "catatonit", "debootstrap"];
const jobs = {
  demo: { title: "the demo", commands: () => demoCommands, run: runDemo },
  test: { title: "the tests", commands: () => [...demoCommands, "iptables", "conntrack", "openssl", "h2load", "nghttp", "dnsmasq", "redis-server", "mosquitto", "chromium", "zsh", "fish"], run: runTests },
  long: { title: "the long tests", commands: () => jobs.test.commands(), run: () => runTests([LONG_TIMEOUT, ...longTests()]) },
  kubernetes: {
    title: "the tests on Kubernetes",
    commands: () => [...jobs.test.commands(), "kubectl", ...clusterCommands],
    run: runKubernetes,
  },
  matrix: {
    title: "the matrix",
    commands: () => [...jobs.test.commands(), "redis-cli", "go", "gcc", "musl-gcc", "javac", "busybox", "wget", "python3"],
    run: (rest) => runNode("test/matrix/matrix.ts", rest),
  },
  bench: {
    title: "the benchmark",
    commands: ([name = "http1"]) => [...demoCommands, "taskset", ...(benchCommands[name] ?? [])],
    run: ([name = "http1", ...rest]) => runNode(`bench/${name}/bench.ts`, rest),
  },
};

const colours = process.stderr.isTTY && process.env.TERM !== "dumb" && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
const say = (text) => process.stderr.write(`${paint("36", "magpie")} ${text}\n`);

class SetupError extends Error {}

/** Debian keeps `ip` and `nft` in sbin, which ordinary users do not search. */
function searchPath() {
  const inherited = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && folder !== binFolder);
  for (const folder of ["/usr/sbin", "/sbin"]) if (!inherited.includes(folder)) inherited.push(folder);
  return inherited;
}

/** Whether a command can be run: one of the search path, or a file by its path. */
function hasCommand(command) {
  return (command.startsWith("/") ? ["/"] : searchPath()).some((folder) => {
    try {
      accessSync(join(folder, command), files.X_OK);
      return true;
    } catch {
      return false; // Not in this folder: the next one is asked.
    }
  });
}

/** Environment of a job: the pinned Node first, so that `node`, `npx` and shebangs all mean the same one. */
function jobEnvironment() {
  return { ...process.env, PATH: [binFolder, ...searchPath()].join(delimiter) };
}

/** Environment of npm, without `node_modules/.bin`: `npm ci` deletes the Node in there while it runs. */
function npmEnvironment() {
  return { ...process.env, PATH: searchPath().join(delimiter) };
}

/**
 * Runs to the end with our terminal, or gives `onLine` its output. Signals of the terminal reach the whole group by
 * themselves; others are passed on. With `leash` it is a group of its own, which ends when we do, SIGKILL included.
 */
function run(command, rest, environment = jobEnvironment(), onLine, { leash = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = [leash ? "ignore" : "inherit", onLine ? "pipe" : "inherit", "inherit"];
    const child = spawn(command, rest, { cwd: root, env: environment, stdio, detached: leash });
    const holder = leash && child.pid !== undefined ? holdLeash(child.pid) : undefined;
    const ignore = leash ? () => process.kill(-child.pid, "SIGINT") : () => {};
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    process.on("SIGHUP", forward);
    if (onLine) createInterface({ input: child.stdout }).on("line", onLine);
    child.once("error", (error) =>
      reject(new SetupError(`${command} could not be started: ${error.message}`)),
    );
    child.once("close", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      process.off("SIGHUP", forward);
      holder?.kill("SIGKILL");
      resolve(code ?? 128 + (constants.signals[signal] ?? 1));
    });
  });
}

/** Waits for our end, and gives a group of processes ten seconds then. Killed, it does nothing. */
function holdLeash(group) {
  const script = 'cat; kill -TERM -- "-$1"; sleep 10; kill -KILL -- "-$1"';
  const holder = spawn("sh", ["-c", script, "sh", String(group)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  holder.unref();
  return holder;
}

function succeeds(command, rest) {
  return spawnSync(command, rest, { env: jobEnvironment(), stdio: "ignore" }).status === 0;
}

const isRoot = () => process.getuid?.() === 0;
const canSudo = () => hasCommand("sudo") && succeeds("sudo", ["-n", "true"]);

function checkPlatform() {
  if (process.platform === "linux") return;
  throw new SetupError(
    [
      "Magpie works with Linux network namespaces, which this system has not. In a container it runs as it is:",
      "",
      `  docker run --rm -it --privileged -v "${root}":/source:ro -w /magpie node:26 \\`,
      "    sh -c 'cd /source && tar c --exclude=./node_modules . | tar x -C /magpie && cd /magpie && npm start'",
    ].join("\n"),
  );
}

/** Why `npm ci` is needed, or undefined. Compares what npm says it installed with what the lockfile asks for. */
function staleModules() {
  if (!existsSync(join(root, "node_modules"))) return "node_modules is missing";
  let wanted;
  let installed;
  try {
    wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    installed = JSON.parse(readFileSync(join(root, "node_modules", ".package-lock.json"), "utf8")).packages;
  } catch {
    return "node_modules was not made by npm";
  }
  for (const [path, entry] of Object.entries(wanted)) {
    // Optional ones are for other platforms; a workspace is no package of the registry.
    if (!path.startsWith("node_modules/") || entry.link || entry.optional || entry.devOptional || entry.peer)
      continue;
    const found = installed[path];
    if (!found || found.version !== entry.version || found.integrity !== entry.integrity)
      return `${path} is not the locked one`;
    if (!existsSync(join(root, path, "package.json"))) return `${path} is gone`;
  }
  return undefined;
}

async function installModules() {
  const reason = staleModules();
  if (reason) {
    say(`installing npm packages (${reason})`);
    const code = await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], npmEnvironment());
    if (code !== 0) throw new SetupError(`npm ci failed with ${code}`);
  }
  if (!succeeds(pinnedNode, ["--version"])) {
    // npm may be told to skip install scripts; this one alone fetches the Node that everything here runs on.
    say("fetching the pinned Node");
    await run("npm", ["rebuild", "node", "--ignore-scripts=false", "--foreground-scripts"], npmEnvironment());
    if (!succeeds(pinnedNode, ["--version"]))
      throw new SetupError("the npm package `node` brought no Node that runs here");
  }
  linkCommand("magpie", "src/client/magpie.js");
  linkCommand("magpie-agent", "src/agent/magpie-agent.js");
  await makeBundle();
}

/** `npm ci` makes one; the sources may be others by now. Without it everything works, only later. */
async function makeBundle() {
  const { bundleOf } = await import("./src/own-files.js");
  if (["client", "agent", "inspector"].some((name) => bundleOf(name) === undefined))
    await run(pinnedNode, [join(root, "bundle.mjs")]);
}

/** npm links the commands of dependencies only, not those of the package itself: `npx magpie` needs this. */
function linkCommand(name, target) {
  const link = join(binFolder, name);
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(join("..", "..", target), link);
  const file = join(root, target);
  try {
    if (existsSync(file)) chmodSync(file, 0o755);
  } catch {
    // A checkout that belongs to somebody else: git already made the file executable.
  }
}

/**
 * Installs by apt. A policy-rc.d that refuses keeps freshly installed servers from being started; what was there before is
 * put back in any case. Servers are disabled too, or they would start at the next boot.
 */
const aptScript = `
set -e
policy=/usr/sbin/policy-rc.d
kept=
restore() { rm -f "$policy"; [ -z "$kept" ] || mv "$kept" "$policy"; }
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$policy" ]; then kept=$policy.kept-by-magpie; mv "$policy" "$kept"; fi
printf '#!/bin/sh\\nexit 101\\n' > "$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"
if [ -d /run/systemd/system ]; then
  for pair in nginx:nginx haproxy:haproxy nghttp2-proxy:nghttpx nftables:nftables; do
    case " $* " in *" \${pair%:*}"*) systemctl disable --quiet "\${pair#*:}" || true ;; esac
  done
fi
`;

async function installCommands(job, arguments_) {
  const missing = job.commands(arguments_).filter((command) => !hasCommand(command));
  if (missing.length === 0) return;
  const wanted = [...new Set(missing.map((command) => packages[command]))];
  const need = `${job.title} needs ${missing.join(", ")}`;
  if (!hasCommand("apt-get"))
    throw new SetupError(`${need}; please install ${wanted.join(", ")} by your package manager`);
  if (!isRoot() && !canSudo())
    throw new SetupError(`${need}; please run: sudo apt-get install ${wanted.join(" ")}`);
  say(`${need}: installing ${wanted.join(", ")} by apt-get`);
  const script = ["sh", "-c", aptScript, "setup", ...wanted];
  const [command, ...rest] = isRoot() ? script : ["sudo", "-n", ...script];
  if ((await run(command, rest)) !== 0)
    throw new SetupError(`apt-get could not install ${wanted.join(", ")}`);
  const still = missing.filter((name) => !hasCommand(name));
  if (still.length > 0) throw new SetupError(`still missing after the installation: ${still.join(", ")}`);
}

/** Own /run: `ip netns add` writes there, and the real one belongs to root outside. */
const inNamespace = ["--user", "--map-root-user", "--net", "--mount", "--", "sh", "-c"];
const namespaceScript = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"';
const namespaceProbe =
  "mount -t tmpfs tmpfs /run && ip netns add a && ip link add type veth && nft list ruleset";

/** Runs this script again with the rights to make network namespaces. Gives the exit code, or undefined when root already. */
async function elevate(job, rest) {
  if (isRoot()) return undefined;
  const again = [pinnedNode, fileURLToPath(import.meta.url), ...rest];
  // A user namespace cannot give everything that tests and servers ask for, so they prefer the real root.
  const ways = job === jobs.demo ? [byUserNamespace, bySudo] : [bySudo, byUserNamespace];
  for (const way of ways) {
    const command = way();
    if (command)
      return run(command[0], [...command.slice(1), ...again], { ...jobEnvironment(), [elevatedMark]: "1" });
  }
  throw new SetupError(
    [
      `${job.title} must make network namespaces, and this host allows it neither by a user namespace nor by sudo.`,
      "Run it as root, or allow user namespaces (Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0).",
    ].join("\n"),
  );

  function byUserNamespace() {
    if (!succeeds("unshare", [...inNamespace, namespaceProbe])) return undefined;
    say("running in a user namespace of its own: no root needed");
    return ["unshare", ...inNamespace, namespaceScript, "sh"];
  }

  function bySudo() {
    if (!canSudo()) return undefined;
    say("running with sudo, for the network namespaces");
    const kept = ["TERM", "NO_COLOR", "FORCE_COLOR", "CI", ...Object.keys(process.env).filter((name) => /^MAGPIE_(?:TEST|KUBERNETES)_/.test(name))]
      .filter((name) => process.env[name] !== undefined);
    const environment = kept.map((name) => `${name}=${process.env[name]}`);
    return ["sudo", "-n", "env", `PATH=${jobEnvironment().PATH}`, `${elevatedMark}=1`, ...environment];
  }
}

/** Ctrl-C is how a demo that was kept running ends. */
async function runDemo(rest) {
  const code = await runNode("examples/demo/demo.ts", rest);
  return code === 130 ? 0 : code;
}

function runNode(script, rest) {
  if (!existsSync(join(root, script))) throw new SetupError(`there is no ${script}`);
  return run(pinnedNode, [join(root, script), ...rest]);
}

/** What a file of long tests may take, in seconds; others have .taprc's. */
const LONG_TIMEOUT = "--timeout=300";

/** Tests that put load on the machine, or wait for what takes its time. They end in `.long.ts`. */
function longTests() {
  return readdirSync(join(root, "test"), { recursive: true })
    .filter((file) => file.endsWith(".long.ts"))
    .map((file) => join("test", file))
    .sort();
}

/** Tests on a real cluster, in `*.scene.ts`. One cluster serves all of them, and ends with us, however we end. */
async function runKubernetes(rest) {
  const scenes = readdirSync(join(root, "test", "kubernetes"), { recursive: true })
    .filter((file) => file.endsWith(".scene.ts"))
    .map((file) => join("test", "kubernetes", file))
    .sort();
  const files = rest.length > 0 ? rest : scenes;
  const script = join(root, "test/kubernetes/serve-cluster.ts");
  const stdio = ["pipe", "pipe", "inherit"];
  const cluster = spawn(pinnedNode, [script], { cwd: root, env: jobEnvironment(), stdio, detached: true });
  const ended = new Promise((resolve) => cluster.once("close", resolve));
  try {
    const line = await Promise.race([
      new Promise((resolve) => createInterface({ input: cluster.stdout }).once("line", resolve)),
      ended,
    ]);
    if (typeof line !== "string") throw new SetupError("there is no cluster to test on; see above");
    Object.assign(process.env, JSON.parse(line));
    // Scenes share the cluster's two cores; each says by itself how long its waits may take, long enough for a busy machine.
    return await runTests(["--jobs=1", "--timeout=900", ...files], { leash: true });
  } finally {
    cluster.stdin.end();
    await ended;
  }
}

/** Its own project: there it is the types of browsers that count. */
const inspectorPage = "src/client/inspector/page";

/** Types, lint, format, then every test; with arguments only the named tests. Ends in a line that a machine can read. */
async function runTests(rest, options = {}) {
  const checks =
    rest.length > 0 ? [] : ["tsc --noEmit", `tsc --noEmit -p ${inspectorPage}`, "oxlint --type-aware --deny-warnings", "biome format"];
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const check of checks) {
    const [command, ...options] = check.split(" ");
    const passed = (await run(join(binFolder, command), options)) === 0;
    totals[passed ? "passed" : "failed"]++;
    process.stdout.write(`${passed ? paint("32", "✓") : paint("31", "✗")} ${check}\n`);
  }
  const failed = await runTap(rest, totals, options);
  // A file that takes too long may fail twice.
  const files = [...new Set(failed.map(({ file }) => file))].filter((file) => existsSync(join(root, file)));
  if (files.length > 0 && files.length <= MOST_RUN_AGAIN) {
    for (const { file, counts } of failed)
      if (files.includes(file)) for (const key of Object.keys(totals)) totals[key] -= counts[key];
    process.stdout.write(`${files.join(", ")}: once more, with nothing beside it\n`);
    await runTap([...rest.filter((word) => word.startsWith("--")), "--jobs=1", ...files], totals, options);
  }
  if (totals.skipped > 0) process.stdout.write(`${totals.skipped} skipped\n`);
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
  return totals.failed === 0 ? 0 : 1;
}

/**
 * So few files that fail are run once more, by themselves, and it is said: two cores that run two of them at once may be too
 * busy for what waits on a clock. What fails then has failed; when more files do, nothing is run again.
 */
const MOST_RUN_AGAIN = 4;

/** Runs tests and adds them to `totals`; gives the files that failed, with what they have added. */
async function runTap(words, totals, options) {
  const failed = [];
  const before = totals.failed;
  const report = testReport(totals, failed);
  const code = await run(join(binFolder, "tap"), ["--reporter=tap", ...words], jobEnvironment(), report, options);
  if (code !== 0 && totals.failed === before) totals.failed++;
  return failed;
}

/**
 * Gives a consumer of TAP lines that prints a line per file, and all that a failed file said. Adds the named tests of
 * each file, not their assertions, to `totals`; a file that fails without a failed test counts as one failure.
 * Files that fail are put into `failed`, with their counts.
 */
function testReport(totals, failed) {
  let inFile = { passed: 0, failed: 0, skipped: 0 };
  let said = [];
  let inCommand = false;
  let begun;
  return (line) => {
    begun = /^# Subtest: (.*)$/.exec(line)?.[1] ?? begun;
    const point = /^( {4})?(not )?ok \d+ - (.*)$/.exec(line);
    if (point?.[1]) {
      const [, , not, title] = point;
      inFile[/ # (?:SKIP|TODO)\b/i.test(title) ? "skipped" : not ? "failed" : "passed"]++;
    }
    if (!point || point[1]) {
      // What tap adds about the file as a whole stands between these two lines, and only repeats its command.
      if (line === "  ---") inCommand = true;
      if (!inCommand && /^[ #]/.test(line)) said.push(line);
      if (line === "  ...") inCommand = false;
      return;
    }
    const [, , not, title] = point;
    const [, named, milliseconds = "?"] = /^(.*?)(?: # time=([\d.]+)ms.*)?$/.exec(title);
    // Of a file that takes too long tap may not say which it is.
    const file = named === "timeout!" ? (begun ?? named) : named;
    begun = undefined;
    if (not && inFile.failed === 0) inFile.failed = 1;
    const telling = said.filter((text) => !/^ *(?:$|ok \d| *1\.\.\d)/.test(text));
    if (not) process.stdout.write(`${telling.join("\n")}\n`);
    const counts = `${inFile.passed} passed${inFile.failed ? `, ${inFile.failed} failed` : ""}`;
    const mark = not ? paint("31", "✗") : paint("32", "✓");
    process.stdout.write(
      `${mark} ${file} ${paint("2", `${counts}, ${Math.round(Number(milliseconds))} ms`)}\n`,
    );
    for (const key of Object.keys(totals)) totals[key] += inFile[key];
    if (not) failed.push({ file, counts: inFile });
    inFile = { passed: 0, failed: 0, skipped: 0 };
    said = [];
  };
}

async function main([name, ...rest]) {
  const job = Object.hasOwn(jobs, name ?? "") ? jobs[name] : undefined;
  if (!job) throw new SetupError("usage: node setup.mjs <demo|test|long|kubernetes|matrix|bench> [arguments]");
  checkPlatform();
  if (!process.env[elevatedMark]) {
    await installModules();
    await installCommands(job, rest);
    const code = await elevate(job, [name, ...rest]);
    if (code !== undefined) return code;
  }
  return job.run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${paint("31", "magpie")} ${error.message}\n`);
  if (["test", "long", "kubernetes"].includes(process.argv[2])) process.stdout.write("0 passed, 1 failed\n");
  process.exitCode = 1;
}
