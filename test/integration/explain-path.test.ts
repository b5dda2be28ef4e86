import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import {
  explainPath,
  type FileMode,
  type FileRule,
  FileRules,
  normalPath,
} from "../../src/client/files/index.ts";
import { fileRule, ownRules, runInPod } from "../fixtures/in-pod.ts";

// The same files on this machine and in what stands for the pod, but for what is in them.
const here = mkdtempSync(join(tmpdir(), "magpie-explain-"));
const pod = mkdtempSync(join(tmpdir(), "magpie-explain-pod-"));
t.teardown(() => {
  for (const folder of [here, pod]) rmSync(folder, { recursive: true });
});
const folders = ["", "/app", "/app/conf.d", "/data", "/data/app"];
const names = ["one.conf", "two.txt", ".three"];
const files = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
for (const [root, content] of [
  [here, "is yours"],
  [join(pod, here), "is the pod's"],
] as const) {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const file of files) writeFileSync(join(root, file), content);
}

/** As linear congruential generators go (Numerical Recipes §7.1). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const endings = ["", "/**", "/.", "/*", "/*.conf", "/**.conf", "/**/two.txt", "/*/one.conf", "/.*"];
const modes: readonly FileMode[] = ["local", "read", "read-write", "absent"];
/** Ways to write the same path. */
const detours = ["/", "//", "/./", "/app/../", "/data/app/../../", "/app/conf.d/.././../"];

void t.test("explain says of each path what a program finds there", async (t) => {
  for (const seed of [1, 2, 3, 4]) {
    const random = randomFrom(seed);
    const pick = <One>(list: readonly One[]): One => list[random(list.length)] as One; // It is below its length.
    const rules: readonly FileRule[] = [
      ...Array.from({ length: 1 + random(6) }, () =>
        fileRule(pick(modes), `${here}${pick(folders)}${pick(endings)}`),
      ),
      ...ownRules,
    ];
    const otherwise = pick(["local", "read", "read-write"] as const);
    const decided = new FileRules({ rules, otherwise });
    const paths = Array.from({ length: 50 }, () => `${here}${pick(detours)}${pick(files).slice(1)}`);
    const script = 'for path; do cat "$path" 2>/dev/null || printf "is absent"; echo; done';
    const { stdout, stderr } = await runInPod(["/bin/sh", "-c", script, "sh", ...paths], {
      ...{ root: pod, rules, otherwise, workingDirectory: "/usr" },
    });
    const said = stdout.trimEnd().split("\n");
    t.equal(said.length, paths.length, stderr);
    for (const [index, path] of paths.entries()) {
      const explained = explainPath(normalPath(path), decided);
      if (!explained.includes(said[index] ?? "?"))
        t.fail(`seed ${seed}: ${path} ${said[index]}, but it is explained: ${explained}`, { rules });
    }
  }
});
