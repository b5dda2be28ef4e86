import { fstatSync, readFileSync, writeSync } from "node:fs";
import t from "tap";
import { MadeFiles } from "../../../../../src/client/sandbox/calls/path/made-files.ts";

void t.test("a content is one file to all who look, until there is another one", async (t) => {
  using made = new MadeFiles();
  made.set("/etc/hosts", Buffer.from("first"));
  const descriptor = made.get("/etc/hosts") ?? -1;
  t.equal(readFileSync(`/proc/self/fd/${descriptor}`, "utf8"), "first");
  t.match(fstatSync(descriptor), { size: 5, mode: 0o100444 });
  t.throws(() => writeSync(descriptor, "x"), { code: "EPERM" });
  made.set("/etc/hosts", Buffer.from("second"));
  t.equal(readFileSync(`/proc/self/fd/${made.get("/etc/hosts")}`, "utf8"), "second");
  t.same(made.paths, ["/etc/hosts"]);
  t.equal(made.get("/etc/other"), undefined);
});
