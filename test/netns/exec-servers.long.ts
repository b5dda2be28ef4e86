import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { ExecStage, patienceMs } from "../fixtures/exec-stage.ts";
import { eventsOf } from "../fixtures/magpie-command.ts";
import { until } from "../fixtures/until.ts";

const stage = await ExecStage.open("servers");
t.teardown(() => stage[Symbol.asyncDispose]());
const ways = ["namespace", "seccomp", "off"] as const;

const manyProtocols = fileURLToPath(new URL("../fixtures/many-protocols.ts", import.meta.url));

for (const [index, kind] of ways.entries())
  void t.test(`${kind}: events, WebSockets, HTTP/2 and gRPC come to the program's own ports`, async (t) => {
    const [remote, own] = [8700 + 10 * index, 18_700 + 10 * index];
    const ports = [0, 1, 2].flatMap((at) => ["--port", `${remote + at}:${own + at}`]);
    const program = [process.execPath, manyProtocols, "serve", String(own)];
    await using proc = await stage.exec(
      "--sandbox",
      kind,
      "--steal",
      ...ports,
      "--output",
      "json",
      "--",
      ...program,
    );
    await until(() => eventsOf(proc.output(), "port").length === 3, {
      what: `three ports\n${proc.output()}`,
      timeoutMs: patienceMs,
    });
    const words = [manyProtocols, "call", stage.app.address4, String(remote)] as const;
    const { stdout, stderr } = await stage.client.run(process.execPath, ...words);
    t.equal(stderr, "");
    t.same(JSON.parse(stdout), {
      events: "data: 1\n\ndata: 2\n\ndata: 3\n\n",
      webSocket: "echo hello",
      http2: "http2 /h2c",
      rpc: ["one", "two"],
    });
  });

void t.test(
  "workers that share a port, and a worker that takes another's place, all have requests",
  async (t) => {
    const script = `
    const cluster = require("node:cluster");
    if (cluster.isPrimary) {
      for (let left = 2; left > 0; left--) cluster.fork();
      cluster.on("exit", () => cluster.fork());
    } else require("node:http").createServer((q, r) => {
      r.end("worker " + cluster.worker.id);
      if (q.url === "/die") process.exit(1);
    }).listen(8300);`;
    // Workers are given the file.
    const file = join(t.testdir({ "workers.cjs": script }), "workers.cjs");
    for (const kind of ["namespace", "seccomp"]) {
      await using proc = await stage.exec("--sandbox", kind, "--steal", "--", process.execPath, file);
      const seen = new Set<string>();
      const all = async (...workers: string[]): Promise<void> =>
        await until(
          async () => {
            seen.add(await stage.ask(8300));
            return workers.every((worker) => seen.has(worker));
          },
          { what: `answers of ${workers.join(", ")}\n${proc.output()}`, timeoutMs: patienceMs },
        );
      await all("worker 1", "worker 2");
      await stage.ask(8300, "/die");
      await all("worker 3");
      t.ok(proc.running);
    }
  },
);

void t.test("what listens late, and again and again, has requests each time", async () => {
  const script = `
    const server = require("node:http").createServer((q, r) => r.end("time " + times));
    let times = 0;
    process.on("SIGUSR2", () => {
      if (server.listening) { server.close(); server.closeAllConnections(); }
      else { times++; server.listen(8330); }
    });
    console.log("waiting");
    setInterval(() => {}, 1e6);`;
  for (const kind of ["namespace", "seccomp"]) {
    await using proc = await stage.exec("--sandbox", kind, "--steal", "--", process.execPath, "-e", script);
    await proc.line(/^waiting$/, { timeoutMs: patienceMs });
    for (const time of [1, 2, 3]) {
      proc.signal("SIGUSR2");
      await until(async () => (await stage.ask(8330)) === `time ${time}`, {
        what: `the answer of time ${time}\n${proc.output()}`,
        timeoutMs: patienceMs,
      });
      proc.signal("SIGUSR2");
      await until(async () => /^curl/.test(await stage.ask(8330)), { what: "nobody's answer" });
    }
  }
});
