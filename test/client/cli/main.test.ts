import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { contractLine } from "../../fixtures/contract-lines.ts";
import { runCli } from "./run-cli.ts";

const self = `pid:${process.pid}`;

void t.test("every mistake on the command line exits with 2 and says what to write", async (t) => {
  const cases: [args: string[], ...says: RegExp[]][] = [
    [[], /Usage: magpie/],
    [["steel"], /unknown command 'steel'/, /Did you mean steal\?/],
    [["steal", "--prot", "80"], /unknown option '--prot'/, /Did you mean --port\?/],
    [["steal", "-t", self, "-p", "80:81", "npm", "start"], /too many arguments/],
    [["steal", "-p", "80"], /whose requests to steal/, /MAGPIE_TARGET/],
    [["steal", "-t", self], /which port to steal/, /--port 80:8080/],
    [["steal", "-t", "shop", "-p", "80"], /Did you mean netns:shop, or deployment\/shop\?/],
    [["steal", "-t", "netns:no-such-name", "-p", "80"], /no network namespace has this name/],
    [["steal", "-t", "pid:2147483647", "-p", "80:81"], /no such process/],
    [["steal", "-t", self, "-p", "80:99999"], /99999 as the local port/, /1 to 65535/],
    [["steal", "-t", self, "-p", "80:81", "-p", "80:82"], /names port 80 of the target twice/],
    [["steal", "-t", self, "-p", "80"], /would be delivered to itself/, /--port 80:8080/],
    [["steal", "-t", self, "-p", "80:81", "--header", "x(y"], /--header: .*\n {4}x\(y\n {4}.\^/],
    [
      ["steal", "-t", self, "-p", "80:81", "--filter", "path = /a"],
      /--filter: .*\n {4}path = \/a\n {4} {5}\^/,
    ],
    [["steal", "-t", self, "-p", "80:81", "--filter", '{"pth":"x"}'], /--filter: .*pth/],
    [["steal", "-t", self, "-p", "80:81", "--redirect", "nat"], /Allowed choices are auto, tproxy/],
    [["steal", "-t", self, "-p", "80:81", "--on-local-failure", "x"], /Allowed choices are original, error/],
    [["steal", "-t", self, "-p", "80:81", "--priority", "high"], /--priority "high" is not a whole number/],
    [
      ["steal", "-t", self, "-p", "80:81", "--local-host", "here"],
      /--local-host "here" is not an IP address/,
    ],
    [["steal", "-t", self, "-p", "80:81", "--name", ""], /--name "" cannot be shown/],
    [
      ["steal", "-t", self, "-p", "80:81", "--local-protocol", "http3"],
      /Allowed choices are auto, http1, http2/,
    ],
    [["steal", "-t", self, "-p", "80:81", "--local-tls-ca", "x.pem"], /clear text/, /Add --local-tls\./],
    [["steal", "-t", self, "-p", "80:81", "--local-tls", "--local-tls-ca", "/nowhere"], /ENOENT/, /in PEM/],
    [["steal", "-t", self, "-p", "80:10.0.0.9:81", "--local-tls"], /not at 10\.0\.0\.9:81/, /--local-tls-ca/],
    [["steal", "-t", self, "-p", "80:81", "--http2"], /unknown option '--http2'/],
    [["steal", "-t", self, "-p", "80:81", "--max-requests", "0"], /--max-requests "0"/, /like 100/],
    [["steal", "-t", self, "-p", "80:81", "--for", "1x"], /--for "1x" is no duration/, /10m or 2h/],
    [["explain", "path"], /missing required argument 'paths'/],
    [["explain", "path", "/x", "--file", "raed:/x"], /is not written mode:path/, /was read meant\?/],
    [["explain", "path", "/x", "--fs", "absent"], /Allowed choices are read, read-write, local/],
    [["mirror", "-t", self], /which port to mirror/],
    [["mirror", "-p", "80"], /whose requests to mirror/],
    [["mirror", "-t", self, "-p", "80"], /would be delivered to itself/],
    [["mirror", "-t", self, "-p", "80:81", "--sample", "0%"], /--sample "0%"/, /like 10% or 0\.1/],
    [["mirror", "-t", self, "-p", "80:81", "--max-rate", "9/d"], /--max-rate "9\/d"/, /100\/m/],
    [["mirror", "-t", self, "-p", "80:81", "--copy-timeout", "x"], /--copy-timeout "x"/],
    [
      ["mirror", "-t", self, "-p", "80:81", "--ignore", "status", "--no-learn"],
      /--ignore and --no-learn without/,
    ],
    [
      ["mirror", "-t", self, "-p", "80:81", "--compare", "--ignore", "heder:date"],
      /--ignore: .*\n/,
      /header:date\?/,
    ],
    [["mirror", "-t", self, "-p", "80:81", "--compare", "--report", "/nowhere/a"], /--report .*ENOENT/],
    [["mirror", "-t", self, "-p", "80:81", "--compare", "--report", "/tmp"], /--report .*is a directory/],
    [["mirror", "-t", self, "-p", "80:81", "--compare", "--max-differences", "x"], /--max-differences "x"/],
    [["mirror", "-t", self, "-p", "80:81", "--priority", "1"], /unknown option '--priority'/],
    [["steal", "-t", self, "-p", "80:81", "--"], /no program follows --/],
    [["exec", "--", "true"], /in whose place the program is to run/, /MAGPIE_TARGET/],
    [["exec", "-t", self], /which program is to run/, /-- npm run dev/],
    [["exec", "-t", self, "true"], /too many arguments/],
    [["exec", "-t", self, "--steal", "--mirror", "--", "true"], /--steal and --mirror contradict/],
    [["exec", "-t", self, "--sandbox", "off", "--fs", "local", "--", "true"], /--fs means nothing/],
    [["release", "one", "two"], /too many arguments/],
    [["release", "-t", "shop"], /Did you mean netns:shop, or deployment\/shop\?/],
    [["sessions"], /which target is asked, and no session of yours runs/, /Add --target/],
    [["filter"], /Usage: magpie filter/, /set /],
    [["filter", "sat"], /unknown command 'sat'/, /Did you mean set\?/],
    // A typo is told although there is no session that it could be about.
    [["filter", "set", 'pth ^= "/x"'], /nothing is called pth/, /Did you mean path\?/],
    [["filter", "try", "-t", self, "--everything", "--last", "x"], /--last "x"/],
    [["why", "-t", self, "--path", "("], /--path: .*not closed/],
    [["release", "--port", "x"], /--port "x"/],
    [["filter", "set", "--prot", "80"], /unknown option '--prot'/, /Did you mean --port\?/],
    [["steal", "-t", self, "-p", "80:81", "--", "no-such-program"], /"no-such-program" was not found/],
    [["steal", "-t", self, "-p", "80:81", "--", "/etc/passwd"], /"\/etc\/passwd" may not be run/],
  ];
  // Whatever sessions this user has on this machine, they are not looked at.
  const nowhere = { MAGPIE_RUNTIME_DIR: "/nonexistent" };
  // A few at a time: all at once would keep a small machine from everything else.
  const results: Awaited<ReturnType<typeof runCli>>[] = [];
  for (let from = 0; from < cases.length; from += 4)
    results.push(...(await Promise.all(cases.slice(from, from + 4).map(([args]) => runCli(args, nowhere)))));
  for (const [index, { exitCode, stdout, stderr }] of results.entries()) {
    const [args = [], ...says] = cases[index] ?? [];
    t.equal(exitCode, 2, args.join(" "));
    t.equal(stdout, "", "stdout is left alone");
    for (const what of says) t.match(stderr, what);
  }
});

void t.test("all problems are told at once", async (t) => {
  const { stderr } = await runCli(["steal", "-t", "nowhere", "-p", "a", "--header", "(", "--priority", "x"]);
  for (const what of [/nowhere/, /--port "a"/, /--header/, /--priority/]) t.match(stderr, what);
});

void t.test("MAGPIE_TARGET names the target, and a flag wins over it", async (t) => {
  const fromVariable = await runCli(["steal", "-p", "80:81", "--priority", "x"], {
    MAGPIE_TARGET: "netns:gone",
  });
  t.match(fromVariable.stderr, /netns:gone/);
  const fromFlag = await runCli(["steal", "-t", "netns:flag", "-p", "80:81"], {
    MAGPIE_TARGET: "netns:gone",
  });
  t.match(fromFlag.stderr, /netns:flag/);
  t.notMatch(fromFlag.stderr, /gone/);
});

void t.test("a program that reads JSON lines gets the mistake as the last line", async (t) => {
  const { exitCode, stdout } = await runCli(["steal", "-t", self, "--output", "json"]);
  t.equal(exitCode, 2);
  t.match(stdout.trim().split("\n").map(contractLine), [
    { event: "hello", version: 1, command: "steal" },
    { event: "ended", code: "usage", message: /which port/, hint: /--port/ },
  ]);
});

void t.test("help and version go to stdout and exit with 0", async (t) => {
  const version = await runCli(["--version"]);
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  t.same(version, { exitCode: 0, stdout: `${manifest.version}\n`, stderr: "" });
  for (const args of [
    ["--help"],
    ["help", "steal"],
    ["steal", "--help"],
    ["mirror", "--help"],
    ["exec", "--help"],
  ]) {
    const { exitCode, stdout, stderr } = await runCli(args);
    t.equal(exitCode, 0);
    t.equal(stderr, "");
    t.match(stdout, /Examples:\n {2}/);
    t.notOk(stdout.includes("\u001b"), "no colours without a terminal");
  }
});

const needsRoot = { skip: process.geteuid?.() === 0 ? false : "only root has a privilege to drop" };

void t.test("without privilege it says so before anything is started", needsRoot, async (t) => {
  const launcher = fileURLToPath(new URL("../../../src/client/magpie.js", import.meta.url));
  const args = ["--bounding-set=-sys_admin,-net_admin", "--inh-caps=-all", process.execPath, launcher];
  const child = spawn("setpriv", [...args, "steal", "-t", self, "-p", "80:81"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  t.equal(exitCode, 1);
  t.match(stderr, /lacks CAP_SYS_ADMIN .*CAP_NET_ADMIN[\s\S]*sudo/);
});
