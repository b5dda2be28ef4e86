import t from "tap";
import { FilesError, remotePath } from "../../../src/client/files/index.ts";

void t.test("an absolute path becomes its names with one slash between them", async (t) => {
  t.equal(remotePath("/etc//app/./conf/").toString(), "etc/app/conf");
  t.equal(remotePath("/").length, 0);
  t.same(remotePath(Buffer.from([0x2f, 0xff])), Buffer.of(0xff), "in bytes of any kind");
});

void t.test("what is not absolute, or goes up, is refused", async (t) => {
  for (const path of ["etc", "", "/etc/../x", "/a\0b"]) t.throws(() => remotePath(path), FilesError);
});
