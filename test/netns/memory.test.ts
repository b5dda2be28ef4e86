import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { BulkApp } from "../fixtures/bulk-app.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { IdleConnections } from "../fixtures/idle-connections.ts";
import { MemoryWatch } from "../fixtures/memory-watch.ts";
import { rssBytes } from "../fixtures/proc.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";

const match = "x-tenant: blue";
const filter = ["--header", `^${match}$`];
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/** The agent needs two descriptors for each connection, and some of its own. */
function mostConnections(): number {
  const limit = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }));
  return Math.min(10_000, Math.floor((limit - 200) / 2));
}

void t.test("an idle connection through the agent costs at most 8 KB", async (t) => {
  await using scene = await Scene.create({ label: "idle" });
  const { made } = scene;
  await using app = await HttpApp.start({ name: "app", namespace: made.pod, port: 8080 });
  await using steal = await scene.steal("--port", `8080:${scene.local.port}`, ...filter);
  await using client = await IdleConnections.start({ namespace: made.client });
  const plan = { host: made.pod.address4, port: app.port };
  const count = mostConnections();
  // The first ones grow pools and caches that the next ones find.
  await client.open({ ...plan, count: 1_000 });
  await client.close();
  const before = rssBytes(steal.agentPid);
  await client.open({ ...plan, count });
  t.equal(await client.count(), count, "all of them are open");
  const eachBytes = () => (rssBytes(steal.agentPid) - before) / count;
  t.comment(`${count} idle connections cost ${(eachBytes() / kilobyte).toFixed(2)} KB each`);
  // What their making has left is collected soon; what stays is what they cost.
  await until(() => eachBytes() <= 8 * kilobyte, { what: "8 KB each" });
  t.equal(await client.count(), count, "and still are");
});

/** One way for a body to go. */
interface Way {
  readonly name: string;
  readonly fields: readonly string[];
  readonly up: boolean;
  /** What the agent, and the command, may grow by meanwhile. */
  readonly mostMegabytes: number;
}

const bystander = { fields: [], mostMegabytes: 64 };
/** Through the session there are two processes, with windows of several megabytes between them. */
const stolen = { fields: ["-H", match], mostMegabytes: 96 };

void t.test("a body of 1 GB in either direction keeps the agent's growth under its bound", async (t) => {
  await using scene = await Scene.create({ label: "bulk" });
  const { made, runtimeDirectory } = scene;
  const bytes = 1 << 30;
  const file = join(runtimeDirectory.path, "body");
  await writeFile(file, "");
  await truncate(file, bytes);
  await using app = await BulkApp.start({ namespace: made.pod, port: 8080 });
  await using local = await BulkApp.start({ host: "127.0.0.1" });
  await using steal = await scene.steal("--port", `8080:${local.port}`, ...filter);
  const url = `http://${made.pod.address4}:${app.port}`;
  const curl = async (...args: string[]) => {
    const proc = await made.client.spawn(["curl", "-sS", ...args]);
    const { code } = await proc.exited;
    return { code, said: proc.stdout.join("") };
  };
  const move = async (t: Test, way: Way) => {
    using agent = new MemoryWatch(steal.agentPid);
    using command = new MemoryWatch(steal.proc.pid);
    const { code, said } = way.up
      ? await curl(...way.fields, "-T", file, "-H", "Expect:", `${url}/`)
      : await curl(...way.fields, "-o", "/dev/null", "-w", "%{size_download}", `${url}/${bytes}`);
    t.same([code, Number(said)], [0, bytes], `${way.name}: all of it came`);
    for (const [who, watch] of Object.entries({ agent, command })) {
      const grown = watch.growthBytes / megabyte;
      t.comment(`${way.name}: the ${who} grew by ${grown.toFixed(1)} MB`);
      t.ok(grown < way.mostMegabytes, `${way.name}: the ${who} grew by ${grown.toFixed(1)} MB`);
    }
  };
  await move(t, { ...bystander, name: "from the app", up: false });
  await move(t, { ...bystander, name: "to the app", up: true });
  await move(t, { ...stolen, name: "from the local process", up: false });
  await move(t, { ...stolen, name: "to the local process", up: true });
});
