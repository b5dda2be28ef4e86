import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ownEnvironment } from "../../../src/client/context/own-environment.ts";

void t.test(
  "your environment is the one that the command was started in, in bytes, without the launcher's mark",
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "magpie-environ-"));
    t.teardown(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "environ");
    writeFileSync(path, Buffer.from("A=\xFF\0MAGPIE_REEXEC=1\0MAGPIE_TARGET=x\0", "latin1"));
    t.same(
      ownEnvironment(path),
      new Map([
        ["A", "\xFF"],
        ["MAGPIE_TARGET", "x"],
      ]),
    );
    t.equal(ownEnvironment().get("PATH"), process.env["PATH"]);
  },
);
