import { readFileSync } from "node:fs";
import t from "tap";
import { actingAs } from "../../src/kernel/index.ts";

/** User, group and further groups of the calling thread and of a thread of the pool, as /proc tells them (proc_pid_status(5)). */
function idsOf(task: string): string {
  const status = readFileSync(`/proc/${task}/status`, "latin1");
  return ["Uid", "Gid", "Groups"]
    .map((field) => new RegExp(`^${field}:\\s*(.*?)\\s*$`, "m").exec(status)?.[1])
    .join("; ");
}

const nobody = { user: 65_534, group: 65_533, groups: [65_532, 65_531] };

void t.test(
  "only this thread is somebody else, and only for as long as it takes",
  { skip: process.geteuid?.() !== 0 },
  (t) => {
    const before = idsOf("thread-self");
    const seen = actingAs(nobody, () => idsOf("thread-self"));
    // Real, effective, saved, for files.
    t.match(seen, /^0\t65534\t0\t65534; 0\t65533\t0\t65533; 65531 65532$/);
    t.equal(idsOf("thread-self"), before);
    t.throws(() =>
      actingAs(nobody, () => {
        readFileSync("/proc/1/environ");
      }),
    );
    t.equal(idsOf("thread-self"), before, "also when it fails");
    t.end();
  },
);
