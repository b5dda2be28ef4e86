import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { runCli } from "../run-cli.ts";

// Entering a namespace needs the privilege that this machine's root has.
const needsRoot = { skip: process.geteuid?.() === 0 ? false : "only root may ask an agent" };

void t.test("sessions are listed though it cannot be seen which are one's own", needsRoot, async (t) => {
  const runtime = mkdtempSync(join(tmpdir(), "magpie-sessions-"));
  t.teardown(() => rmSync(runtime, { recursive: true, force: true }));
  const own = join(runtime, "own-0");
  mkdirSync(own);
  chmodSync(own, 0o755);
  const environment = { MAGPIE_RUNTIME_DIR: runtime };
  const target = ["--target", "netns:/proc/self/ns/net", "--output", "json"];
  const listed = await runCli(["sessions", ...target], environment);
  t.equal(listed.exitCode, 0, listed.stderr);
  t.match(JSON.parse(listed.stdout), { event: "sessions", sessions: [] });
  t.match(
    listed.stderr,
    /which of them are yours is not known: .*own-0 is not a directory that only this user/,
  );
  // Whom it would speak for has to be known.
  t.match(await runCli(["release", ...target], environment), {
    exitCode: 1,
    stderr: /own-0 is not a directory/,
  });
});
