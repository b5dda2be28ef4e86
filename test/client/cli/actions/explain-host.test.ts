import t from "tap";
import { runCli } from "../run-cli.ts";

void t.test("explain host tells where a flow would leave, and asks nobody", async (t) => {
  const rules = ["--outgoing", "local:*.corp.example", "--outgoing", "remote:unix:/run/app/**"];
  const asked = ["db.corp.example:5432", "udp://[fd00::1]:53", "unix:/run/app/x.sock"];
  const [text, json] = await Promise.all([
    runCli(["explain", "host", ...asked, ...rules]),
    runCli(["explain", "host", ...asked, ...rules, "--output", "json"]),
  ]);
  t.equal(text.exitCode, 0);
  t.equal(text.stderr, "");
  t.match(
    text.stdout,
    /^db\.corp\.example:5432 leaves from this machine: the rule local:\*\.corp\.example names/m,
  );
  t.match(text.stdout, /^ {2}Its name is looked up by this machine's name servers/m);
  t.match(text.stdout, /^udp:\/\/\[fd00::1\]:53 leaves from the pod: no rule names it/m);
  t.match(text.stdout, /^ {2}If the program has found this address under a name like \*\.corp\.example/m);
  t.match(text.stdout, /^unix:\/run\/app\/x\.sock leaves from the pod/m);
  const lines = json.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object); // One object a line.
  t.match(lines[0], {
    event: "host",
    asked: "db.corp.example:5432",
    where: "local",
    rule: "local:*.corp.example",
  });
  t.match(lines[0], { builtIn: null, unless: [], lookup: { where: "local", rule: "local:*.corp.example" } });
  t.match(lines[1], { where: "remote", rule: null, unless: [{ where: "local" }], lookup: null });
  t.match(lines[2], { where: "remote", rule: "remote:unix:/run/app/**" });
});

void t.test("a mistake in a rule or in what is asked exits with 2, and no other is answered", async (t) => {
  const [network, rule] = await Promise.all([
    runCli(["explain", "host", "redis", "10.0.0.0/8", "--output", "json"]),
    runCli(["explain", "host", "redis", "--outgoing", "loacl:redis"]),
  ]);
  for (const { exitCode } of [network, rule]) t.equal(exitCode, 2);
  t.equal(rule.stdout, "");
  t.match(JSON.parse(network.stdout), {
    event: "ended",
    code: "usage",
    message: /a network has many addresses/,
  });
  t.match(network.stderr, /a network has many addresses\n {4}10\.0\.0\.0\/8\n {12}\^/);
  t.match(rule.stderr, /--outgoing: a rule begins with local:/);
  t.match(rule.stderr, /Did you mean local:\?/);
});
