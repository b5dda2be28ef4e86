import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { interpreterOf } from "../../../../../src/client/sandbox/calls/path/interpreter-of.ts";

void t.test("a script names its interpreter in its first line, and nothing else does", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "magpie-script-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const of = (content: string | Buffer) => {
    writeFileSync(join(folder, "file"), content);
    return interpreterOf(join(folder, "file"));
  };
  t.equal(of("#!/bin/sh\n"), "/bin/sh");
  t.equal(of("#! \t/usr/bin/env  node --x\n"), "/usr/bin/env");
  t.equal(of("#!/bin/\xC3\xA9"), "/bin/\xC3\x83\xC2\xA9", "in bytes");
  for (const content of ["", "#!", "#!\n/bin/sh", "\x7FELF", " #!/bin/sh"]) t.equal(of(content), undefined);
  t.equal(interpreterOf(join(folder, "none")), undefined);
  t.equal(interpreterOf(folder), undefined);
});
