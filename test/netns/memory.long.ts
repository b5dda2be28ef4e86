import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { BulkPeer } from "../fixtures/bulk-peer.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { openFiles, rssBytes } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const mostConnections = 10_000;
/** What the agent has open besides: its listeners, nft, the tunnel, and some to spare. */
const spareDescriptors = 1_000;
const connectionBytes = 8 * 1024;
const growthBytes = 64 << 20;
const bystanderBody = 1 << 30;
const stolenBody = 256 << 20;
/** Brings the garbage collector to its ordinary pace: what it leaves lying meanwhile is no growth. */
const warmUpBody = 128 << 20;

const port = 80;

/** How many descriptors a process may have, by proc_pid_limits(5). */
function descriptorLimit(pid: number): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? 0);
}

/** What a process's memory grows by at most while something is done: the kernel keeps the peak (proc_pid_clear_refs(5)). */
async function growth(pid: number, act: () => Promise<void>): Promise<number> {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = rssBytes(pid);
  await act();
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(peak ?? Number.NaN) * 1024 - before;
}

const mega = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MB`;

void t.test("the agent's memory", async (t) => {
  await using made = await createNamespaces({ label: "memory" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using app = await BulkPeer.start({ namespace: made.pod });
  await using local = await BulkPeer.start();
  await using client = await BulkPeer.start({ namespace: made.client });
  await app.listen({ host: "::", port });
  const localPort = await local.listen({ host: "127.0.0.1", port: 0 });
  const args = ["--port", `${port}:${localPort}`, "--header", "^x-tenant: blue$"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  const { agentPid } = steal;
  const to = { host: made.pod.address4, port };
  const stolen = { ...to, fields: ["x-tenant: blue"] };

  await t.test("an idle connection costs at most 8 KB", async (t) => {
    const most = Math.floor((descriptorLimit(agentPid) - spareDescriptors) / 2);
    const count = Math.min(mostConnections, most);
    await client.keepIdle(to, Math.ceil(count / 10));
    await client.closeIdle();
    const few = openFiles(agentPid);
    const before = rssBytes(agentPid);
    await client.keepIdle(to, count);
    t.ok(openFiles(agentPid) > count * 2, "they are all there, on both sides");
    const each = (rssBytes(agentPid) - before) / count;
    t.comment(`${count} connections, ${Math.round(each)} bytes each`);
    t.ok(each <= connectionBytes, `${each} bytes each`);
    await client.closeIdle();
    await until(() => openFiles(agentPid) < few + 100, { what: "the agent to close them too" });
  });

  const staysSmall = async (
    t: Test,
    what: string,
    act: () => Promise<void>,
    pids: Record<string, number>,
  ) => {
    const beginMs = performance.now();
    let done = act;
    const grown: Record<string, number> = {};
    for (const [name, pid] of Object.entries(pids)) {
      const inner = done;
      done = async () => {
        grown[name] = await growth(pid, inner);
      };
    }
    await done();
    const seconds = ((performance.now() - beginMs) / 1_000).toFixed(1);
    for (const [name, bytes] of Object.entries(grown)) {
      t.comment(`${what}: the ${name} grew by ${mega(bytes)} in ${seconds} s`);
      t.ok(bytes < growthBytes, `${what}: the ${name} grew by ${mega(bytes)}`);
    }
  };

  await t.test("does not grow with a body that passes to the app, or back", async (t) => {
    await client.upload(to, warmUpBody);
    await client.download(to, warmUpBody);
    const pids = { agent: agentPid };
    await staysSmall(t, "1 GB to the app", () => client.upload(to, bystanderBody), pids);
    await staysSmall(t, "1 GB from the app", () => client.download(to, bystanderBody), pids);
  });

  await t.test("does not grow with a body that is stolen, nor does the client's", async (t) => {
    await client.upload(stolen, warmUpBody);
    await client.download(stolen, warmUpBody);
    const pids = { agent: agentPid, client: steal.proc.pid };
    await staysSmall(t, "256 MB to the local process", () => client.upload(stolen, stolenBody), pids);
    await staysSmall(t, "256 MB from the local process", () => client.download(stolen, stolenBody), pids);
  });
});
