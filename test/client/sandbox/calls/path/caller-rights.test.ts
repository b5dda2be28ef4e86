import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { hasOurRights } from "../../../../../src/client/sandbox/calls/path/caller-rights.ts";

/** Whether a process that is started by these words has our rights. */
async function hasThem(...command: [string, ...string[]]): Promise<boolean> {
  const [file, ...words] = command;
  const child = spawn(file, [...words, "sh", "-c", "echo up; read end"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const answer = hasOurRights(child.pid ?? 0);
  child.stdin.end();
  await once(child, "exit");
  return answer;
}

void t.test("a process has our rights as long as it has given none up", async (t) => {
  t.ok(hasOurRights(process.pid));
  t.ok(await hasThem("env"));
  t.notOk(hasOurRights(4_194_305), "nobody has so high a number");
  if (process.getuid?.() !== 0) return;
  t.notOk(await hasThem("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), "another user");
  t.notOk(await hasThem("setpriv", "--regid=65534", "--keep-groups"), "another group");
  t.notOk(await hasThem("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"), "no power");
});
