import t from "tap";
import { FilesError, RemoteFiles } from "../../../src/client/files/index.ts";

void t.test("where there is no session a question fails, and the next one tries again", async (t) => {
  let tries = 0;
  const files = new RemoteFiles({
    open: () => {
      tries++;
      throw new FilesError("EIO", "there is no session");
    },
    process: null,
    writes: false,
  });
  const question = { ask: "look-up", path: Buffer.from("etc") } as const;
  await t.rejects(files.ask(question), /there is no session/);
  await t.rejects(files.ask(question), /there is no session/);
  t.equal(tries, 2);
});
