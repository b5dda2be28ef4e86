import t from "tap";
import { FilesError } from "../../../src/client/files/files-error.ts";
import { RemoteFiles } from "../../../src/client/files/remote-files.ts";

void t.test("while nobody can open a stream questions fail, each by itself, and none waits", async (t) => {
  let tries = 0;
  const files = new RemoteFiles({
    open: () => {
      tries++;
      throw new FilesError("EIO", "there is no session at the moment");
    },
    process: null,
    writes: false,
  });
  await t.rejects(files.whose(), /no session/);
  await t.rejects(files.readFile("/etc/app.conf", { maxBytes: 10 }), /no session/);
  t.equal(tries, 2, "the second one has tried again");
  files.close();
});
