import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import t from "tap";
import packageJson from "../../package.json" with { type: "json" };
import koffi from "../../src/kernel/koffi.ts";

const require = createRequire(import.meta.url);

void t.test(
  "what is loaded past koffi's own entry is what that gives, but for names it has given up",
  async (t) => {
    const { default: own } = require("koffi") as { default: typeof koffi };
    t.equal(koffi.version, packageJson.dependencies.koffi);
    const missing = Object.keys(own).filter((name) => !(name in koffi));
    t.same(missing.sort(), ["introspect", "resolve"]);
  },
);

void t.test("it is loaded in each thread of a process", async (t) => {
  const door = new URL("../../src/kernel/koffi.ts", import.meta.url).href;
  const script = `import(${JSON.stringify(door)}).then(({ default: koffi }) =>
    require("node:worker_threads").parentPort.postMessage(koffi.load(null).func("int getpid()")()))`;
  for (let turn = 0; turn < 3; turn++) {
    const thread = new Worker(script, { eval: true });
    const [pid] = (await once(thread, "message")) as [number];
    t.equal(pid, process.pid);
    await thread.terminate();
  }
});
