import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ExecStage, patienceMs } from "../fixtures/exec-stage.ts";
import { until } from "../fixtures/until.ts";

const stage = await ExecStage.open("mirrord");
t.teardown(() => stage[Symbol.asyncDispose]());

/** As its user has it, for a cluster. */
const config = `{
  "target": { "path": "deployment/{{ get_env(name="APP_OF_MINE", default="shop") }}", "namespace": "staging" },
  "kube_context": "staging",
  "operator": false,
  "telemetry": false,
  "agent": { "ttl": 30, "flush_connections": true },
  "key": "alice",
  "feature": {
    "network": {
      "incoming": {
        "mode": "steal",
        "http_filter": {
          "all_of": [
            { "header": "^baggage: .*mirrord-session={{ key }}.*$" },
            { "path": "^(?!/health)" },
            { "method": "get" }
          ],
          "ports": [3000]
        },
        "port_mapping": [[3000, 8080]]
      },
      "outgoing": true
    },
    "env": { "override": { "DESK": "of {{ key }}" } },
    "fs": "local"
  }
}
`;

const program = `
  const http = require("node:http");
  const answer = (q, r) => r.end("the desk " + process.env.DESK + "\\n");
  http.createServer(answer).listen(3000);
  http.createServer(answer).listen(8081, () => console.log("ready"));
`;

void t.test("a program runs by a config of mirrord as it does there, on another target", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "mirrord-config-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "mirrord.json"), config);
  const flags = ["--config", join(folder, "mirrord.json")];
  await using proc = await stage.exec(...flags, "--", process.execPath, "-e", program);
  const ask = async (path: string, ...more: string[]): Promise<string> => {
    const url = `http://${stage.app.address4}:${path}`;
    const { code, stdout } = await stage.client.run("curl", "-sS", "-m", "5", ...more, url);
    return code === 0 ? stdout.trim() : `curl ${code}`;
  };
  const mine = ["-H", "baggage: a=b,mirrord-session=alice"];
  await until(async () => (await ask("8080/", ...mine)) === "the desk of alice", {
    what: `an answer of the desk\n${proc.output()}`,
    timeoutMs: patienceMs,
  });
  t.equal(await ask("8080/"), "the app", "without the header");
  t.equal(await ask("8080/health/live", ...mine), "the app", "a path that is excluded");
  t.equal(await ask("8080/", ...mine, "-X", "POST"), "the app", "another method");
  t.equal(await ask("8081/", ...mine), "curl 7", "a port that the filter does not name");
  const told = proc.stderr.filter((line) => line.startsWith("! "));
  t.same(
    told.map((line) => /mirrord\.json:\d+:\d+: ([\w.]+)/.exec(line)?.[1]),
    ["agent.ttl", "agent.flush_connections", "feature.network.incoming.http_filter.ports"],
    "each field that means something else is told once",
  );
});
