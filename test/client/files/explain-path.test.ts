import t from "tap";
import { explainPath } from "../../../src/client/files/explain-path.ts";
import { FileRules } from "../../../src/client/files/file-rules.ts";
import { rulesOfFileFlags } from "../../../src/client/files/rules-of-file-flags.ts";

const source = { workingDirectory: "/", home: undefined, environment: {}, program: undefined };

function explained(path: string, ...file: string[]): string {
  return explainPath(path, new FileRules(rulesOfFileFlags({ file, fs: "read" }, source)));
}

void t.test("says whose a path is, which rule has decided, and how to have it otherwise", async (t) => {
  t.equal(
    explained("/etc/app.conf"),
    "/etc/app.conf is the pod's, to read only: no rule names it, and --fs read is for the rest",
  );
  t.equal(
    explained("/proc/cpuinfo"),
    "/proc/cpuinfo is yours: it is on the built-in list since it is made by this machine's kernel, " +
      "for the processes and devices that are here; --file 'read:/proc/cpuinfo' takes the pod's",
  );
  t.equal(
    explained("/usr/a", "read-write:/usr/*", "local:/opt", "absent:/usr/a"),
    "/usr/a is the pod's, and changes are made there: --file 'read-write:/usr/*' is the first rule that fits; " +
      "it was written before --file absent:/usr/a, though it holds the programs, libraries and data that are " +
      "installed on this machine",
  );
  t.match(explained("/etc/hosts"), /Magpie makes it out of the pod's/);
  t.match(
    explained("/etc/secret", "absent:/etc/secret"),
    /^\/etc\/secret is absent: --file absent:\/etc\/secret is the/,
  );
});

void t.test("moves no cursor, whatever a path holds", async (t) => {
  t.notOk(explained("/a\x1B[2J").includes("\x1B"));
});
