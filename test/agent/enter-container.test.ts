import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { processOfContainer } from "../../src/agent/enter-container.ts";

const id = "0123456789abcdef".repeat(4);

/** A /proc with these processes. */
function proc(folder: string, processes: readonly { pid: number; cgroup: string; start: number }[]): string {
  for (const { pid, cgroup, start } of processes) {
    mkdirSync(join(folder, String(pid)));
    writeFileSync(join(folder, String(pid), "cgroup"), cgroup);
    const fields = ["S", ...Array.from({ length: 18 }, () => "0"), start];
    writeFileSync(join(folder, String(pid), "stat"), `${pid} (a) b) ${fields.join(" ")}`);
  }
  return folder;
}

void t.test(
  "the oldest process of the container's control group is its first, with every form of path",
  (t) => {
    const folder = proc(t.testdir(), [
      { pid: 7, cgroup: `0::/kubepods.slice/pod1/cri-containerd-${id}.scope\n`, start: 500 },
      { pid: 90, cgroup: `4:memory:/kubepods/pod1/${id}\n`, start: 400 },
      { pid: 3, cgroup: "0::/kubepods.slice/pod2/cri-containerd-ffff.scope\n", start: 1 },
    ]);
    t.equal(processOfContainer(`containerd://${id}`, folder), 90);
    t.equal(processOfContainer(`cri-o://${id}`, folder), 90);
    t.equal(processOfContainer(`container:${id}`, folder), 90);
    t.end();
  },
);

void t.test("a container of which nothing runs here is said so, and what is no id is refused", (t) => {
  const folder = proc(t.testdir(), []);
  t.throws(() => processOfContainer(`containerd://${id}`, folder), { message: /no process of this node/ });
  t.throws(() => processOfContainer("containerd://", folder), { message: /no container's id/ });
  t.throws(() => processOfContainer("a/../b", folder), { message: /no container's id/ });
  t.end();
});
