import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";
import { Node } from "./cluster/node.ts";
import type { NodePlace } from "./cluster/node-files.ts";

const holder = fileURLToPath(new URL("cluster/hold-node.ts", import.meta.url));

/** What is there of a node, as this machine sees it. */
function remains({ folder, name, address }: NodePlace): string[] {
  const controllers = readdirSync("/sys/fs/cgroup").map((controller) =>
    join("/sys/fs/cgroup", controller, name),
  );
  const network = address.slice(0, address.lastIndexOf(".") + 1);
  const interfaces = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.some((one) => one.address.startsWith(network)))
    .map(([label]) => label);
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));
  return [
    ...[folder, ...controllers].filter((path) => existsSync(path)),
    ...interfaces,
    ...mounts,
    ...programs(folder),
  ];
}

/** Processes whose command line names the node's folder. */
function programs(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(folder);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

void t.test("a node reaches nothing, and changes nothing of the machine", async (t) => {
  const setting = readFileSync("/proc/sys/vm/overcommit_memory", "utf8");
  await using node = await Node.create("/nowhere");
  // Others may mount at the same time.
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  t.same(
    mounts.filter((line) => line.includes(node.place.folder) || line.includes(" /proc/sys/")),
    [],
  );
  t.equal(readFileSync("/proc/sys/vm/overcommit_memory", "utf8"), setting);
  t.not((await node.try(["ip", "route", "get", "192.0.2.1"])).code, 0);
  t.equal((await node.run(["cat", "/proc/sys/vm/overcommit_memory"])).trim(), "1");
  t.match(await node.run(["ip", "-brief", "address", "show", "eth0"]), node.place.address);
});

for (const [how, end] of [
  ["is disposed of", (proc: Proc) => proc.child.stdin?.end()],
  ["is killed by SIGKILL", (proc: Proc) => proc.signal("SIGKILL")],
] as const)
  void t.test(`whoever holds a node ${how}: nothing of it is left`, async (t) => {
    await using proc = await Proc.start({ command: [process.execPath, holder] });
    const { input } = await proc.line(/^\{/, { timeoutMs: 20_000 });
    // hold-node.ts printed it.
    const place = JSON.parse(input) as NodePlace & { code: number };
    t.equal(place.code, 0, "a program was started");
    t.not(remains(place).length, 0);
    end(proc);
    await until(() => remains(place).length === 0, { what: "everything to be gone", timeoutMs: 10_000 });
    t.same(remains(place), []);
  });
