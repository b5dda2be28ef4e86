import t from "tap";
import { jsonLine } from "../../../../src/client/json-lines/json-line.ts";
import { runCli } from "../run-cli.ts";

const files = {
  ".git": {},
  "magpie.yaml": `target: deployment/web
incoming:
  ports: ["80:3000"]
  filter: { header: "x-key: {{ env.API_KEY }}" }
environment:
  override: { DB_PASSWORD: "{{ env.USER }}", LEVEL: debug }
session: { output: json }
`,
};
const environment = { API_KEY: "hunter2", USER: "alice", MAGPIE_KEEP: "1" };

void t.test("magpie config show --origin tells where each value comes from, and no secret", async (t) => {
  const cwd = t.testdir({ ...files, sub: {} });
  const { stdout, stderr, exitCode } = await runCli(
    ["config", "show", "--origin", "--port", "81", "--priority", "7", "--no-learn"],
    environment,
    { cwd: `${cwd}/sub` },
  );
  t.equal(exitCode, 0);
  t.equal(stderr, "config: ../magpie.yaml\n");
  const row = (field: string) => stdout.split("\n").find((line) => line.startsWith(`${field} `));
  t.match(row("target.name"), /deployment\/web +\.\.\/magpie\.yaml:1:9$/);
  t.match(row("incoming.ports"), /\["81"\] +--port$/);
  t.match(row("incoming.priority"), /7 +--priority$/);
  t.match(row("incoming.compare.learn"), /false +--no-learn$/);
  t.match(row("session.keep"), /true +MAGPIE_KEEP$/);
  t.match(row("session.output"), /json +\.\.\/magpie\.yaml:7:20$/);
  t.match(row("session.grace"), /30s +default$/);
  t.match(row("incoming.filter.header"), /\(masked/);
  t.match(row("environment.override"), /DB_PASSWORD=\(masked.*LEVEL=debug/);
  t.notMatch(stdout, /hunter2|alice/);
});

void t.test("--show-secrets shows them; a line of JSON has each field and its source", async (t) => {
  const cwd = t.testdir(files);
  const { stdout } = await runCli(["config", "show", "--show-secrets", "--output", "json"], environment, {
    cwd,
  });
  const line = jsonLine.parse(JSON.parse(stdout));
  t.match(line, { event: "config", file: "magpie.yaml", profile: null });
  const fields = line.event === "config" ? line.fields : [];
  t.match(
    fields.find(({ field }) => field === "incoming.filter.header"),
    { value: ["x-key: hunter2"], source: { kind: "file", file: "magpie.yaml", line: 4, column: 21 } },
  );
  t.match(
    fields.find(({ field }) => field === "sandbox"),
    { value: "auto", source: { kind: "default" } },
  );
});
