import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import t from "tap";

const folder = mkdtempSync(join(tmpdir(), "file-identity-"));
t.teardown(() => rmSync(folder, { recursive: true }));

void t.test(
  "setfsuid(2): a thread may act on files as somebody else, and no other thread does",
  async (t) => {
    writeFileSync(join(folder, "roots"), "secret", { mode: 0o600 });
    mkdirSync(join(folder, "theirs"), { mode: 0o777 });
    const kernel = new URL("../../../src/kernel/files/index.ts", import.meta.url).href;
    const program = `
import { readFileSync, writeFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
const { actOnFilesAs, makeFilesWithExactModes } = await import(workerData.kernel);
makeFilesWithExactModes();
const took = actOnFilesAs({ user: 4321, group: 8765, groups: [] });
let read = "read";
try { readFileSync(workerData.folder + "/roots"); } catch (error) { read = error.code; }
writeFileSync(workerData.folder + "/theirs/new", "", { mode: 0o666 });
parentPort.postMessage({ took, read });`;
    chmodSync(join(folder, "theirs"), 0o777);
    chmodSync(folder, 0o755);
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
      workerData: { kernel, folder },
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    worker.once("message", resolve);
    worker.once("error", reject);
    t.same(await promise, { took: true, read: "EACCES" });
    t.match(statSync(join(folder, "theirs/new")), { uid: 4321, gid: 8765, mode: 0o100666 });
    t.equal(readFileSync(join(folder, "roots"), "utf8"), "secret");
    writeFileSync(join(folder, "ours"), "", { mode: 0o666 });
    t.match(statSync(join(folder, "ours")), { uid: 0, mode: 0o100666 & ~process.umask() });
  },
);
