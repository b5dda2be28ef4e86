import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";

const execute = promisify(execFile);
const source = fileURLToPath(new URL("../../../src/client/process/thread-pool.ts", import.meta.url));

/** Runs a script where nothing has used the pool yet. */
async function run(
  script: string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<string> {
  const { UV_THREADPOOL_SIZE: _, ...rest } = process.env;
  const words = ["--input-type=module", "-e", `import * as pool from ${JSON.stringify(source)};${script}`];
  const { stdout } = await execute(process.execPath, [...words, "--", ...args], {
    env: { ...rest, ...env },
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  return stdout.trim();
}

void t.test("twelve opens that wait leave others their turn", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "magpie-pool-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const pipes = Array.from({ length: 12 }, (_, index) => join(directory, String(index)));
  execFileSync("mkfifo", pipes);
  const script = `
    import fs from "node:fs";
    pool.widenThreadPool(16);
    const opens = process.argv.slice(1).map((path) => fs.promises.open(path, "r"));
    await fs.promises.stat("/");
    console.log("another one");
    // A pipe that both ends are of waits for nobody, and frees who does.
    for (const path of process.argv.slice(1)) fs.closeSync(fs.openSync(path, "r+"));
    process.exit();`;
  t.equal(await run(script, {}, pipes), "another one");
});

void t.test("the variable is as it was, and a larger one of the user's own counts", async (t) => {
  const script = `
    pool.widenThreadPool(16);
    console.log(pool.threadPoolSize(), process.env.UV_THREADPOOL_SIZE);`;
  t.equal(await run(script), "16 undefined");
  t.equal(await run(script, { UV_THREADPOOL_SIZE: "2" }), "16 2");
  t.equal(await run(script, { UV_THREADPOOL_SIZE: "32" }), "32 32");
  t.equal(await run(script, { UV_THREADPOOL_SIZE: "many" }), "16 many");
  t.equal(await run("console.log(pool.threadPoolSize())"), "4");
});
