import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { makeRuntimeDirectory, runtimeDirectories } from "../../../src/agent/session/runtime-directory.ts";

void t.test("the first place that can be written to is taken, and found again", (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, "file"), "");
  const candidates = [join(folder, "file/below"), join(folder, "good"), join(folder, "other")];
  t.equal(makeRuntimeDirectory("auto", candidates), join(folder, "good"));
  t.equal(statSync(join(folder, "good")).mode & 0o777, 0o700);
  t.same(runtimeDirectories("auto", candidates), [join(folder, "good")]);
  t.end();
});

void t.test("what others may look into is closed, and what is no directory is passed by", (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, "open"));
  chmodSync(join(folder, "open"), 0o777);
  t.equal(makeRuntimeDirectory("auto", [join(folder, "open")]), join(folder, "open"));
  t.equal(statSync(join(folder, "open")).mode & 0o777, 0o700);
  writeFileSync(join(folder, "file"), "");
  t.throws(() => makeRuntimeDirectory("auto", [join(folder, "file")]), { message: /no place .*file: / });
  t.end();
});

void t.test("a place that is named is the only one", (t) => {
  const folder = t.testdir();
  t.equal(makeRuntimeDirectory(join(folder, "a/b")), join(folder, "a/b"));
  t.same(runtimeDirectories(join(folder, "c")), [join(folder, "c")]);
  t.end();
});
