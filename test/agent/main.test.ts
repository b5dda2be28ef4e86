import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { Proc } from "../fixtures/proc.ts";

const launcher = fileURLToPath(new URL("../../src/agent/magpie-agent.js", import.meta.url));

async function agent(...args: string[]): Promise<{ code: number | null; stderr: string; stdout: string }> {
  await using proc = await Proc.start({ command: [process.execPath, launcher, ...args] });
  const { code } = await proc.exited;
  return { code, stderr: proc.stderr.join("\n"), stdout: proc.stdout.join("\n") };
}

void t.test("wrong usage: exit 2, what is wrong, and how it is used", async (t) => {
  const wrong: [string[], RegExp][] = [
    [[], /say run, ticket, end, health or probe/],
    [["walk", "--runtime-dir", "d"], /say run, ticket, end, health or probe/],
    [["run", "ticket", "--runtime-dir", "d"], /say run, ticket, end, health or probe/],
    [["run"], /--runtime-dir is missing/],
    [["run", "--runtime-dir", "d", "--linger-ms", "-1"], /--linger-ms/],
    [["run", "--runtime-dir", "d", "--linger-ms", "soon"], /--linger-ms/],
    [["run", "--runtime-dir", "d", "--redirect", "magic"], /tproxy, redirect, iptables/],
    [["run", "--runtime-dir", "d", "--log-level", "loud"], /--log-level/],
    [["run", "--runtime-dir", "d", "--unknown"], /--unknown/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr, stdout } = await agent(...args);
    t.equal(code, 2, args.join(" "));
    t.match(stderr, message);
    t.match(stderr, /^Usage: magpie-agent run/m);
    t.equal(stdout, "", "stdout is for programs");
  }
});

for (const command of ["ticket", "health"])
  void t.test(`${command} where no agent runs: exit 3`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "magpie-main-"));
    t.teardown(() => rmSync(directory, { recursive: true }));
    const { code, stderr, stdout } = await agent(command, "--runtime-dir", directory);
    t.equal(code, 3);
    t.match(stderr, /no agent runs in /);
    t.equal(stdout, "");
  });
