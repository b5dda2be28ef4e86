import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { type Ended, ownRules, run, runInPod } from "../../../../fixtures/in-pod.ts";

const model = fileURLToPath(new URL("../../../../fixtures/path-model.py", import.meta.url));
const python = "/usr/bin/python3";
const seeds = "6";
const steps = "150";

const folder = mkdtempSync(join(tmpdir(), "magpie-model-"));
t.teardown(() => rmSync(folder, { recursive: true }));

async function tree(name: string): Promise<string> {
  const path = join(folder, name);
  mkdirSync(path);
  const { code, stderr } = await run([python, model, "make", path, seeds]);
  if (code !== 0) throw new Error(stderr);
  return path;
}

/** Tells of the first line that is another. */
function compare(t: Test, { pod, plain }: { pod: Ended; plain: Ended }): void {
  t.match(plain, { code: 0, signal: null }, plain.stderr);
  const [ours, theirs] = [pod, plain].map(({ stdout }) => stdout.split("\n"));
  const at = theirs?.findIndex((line, index) => line !== ours?.[index]) ?? 0;
  t.equal(ours?.[at], theirs?.[at]);
  t.ok((theirs?.length ?? 0) > Number(steps) * Number(seeds));
  t.match(pod, { code: 0, signal: null }, pod.stderr);
}

void t.test("a pod that may be changed is like a root of one's own", async (t) => {
  const [podRoot, plainRoot] = [await tree("changed"), await tree("changed-plain")];
  const [pod, plain] = await Promise.all([
    runInPod([python, model, "run", seeds, steps], {
      ...{ root: podRoot, rules: ownRules, otherwise: "read-write", detached: true },
    }),
    run([python, model, "run", seeds, steps, plainRoot]),
  ]);
  compare(t, { pod, plain });
});

void t.test("a pod that may only be read is like a root that is mounted read-only", async (t) => {
  const [podRoot, plainRoot] = [await tree("read"), await tree("read-plain")];
  const mounted = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@" "$0"`;
  const [pod, plain] = await Promise.all([
    runInPod([python, model, "run", seeds, steps], { root: podRoot, rules: ownRules, otherwise: "read" }),
    run(["unshare", "-m", "sh", "-c", mounted, plainRoot, python, model, "run", seeds, steps]),
  ]);
  compare(t, { pod, plain });
});
