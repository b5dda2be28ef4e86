import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { machineName } from "../../../../../src/client/sandbox/calls/machine-name/index.ts";
import { openSupervisor } from "../../../../../src/client/sandbox/supervisor/index.ts";

/** Runs a script whose machine is called so, and gives the lines that it prints. */
async function named(hostname: string, script: string): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "machine-name-"));
  try {
    const notices: string[] = [];
    await using supervisor = await openSupervisor({
      modules: [machineName({ hostname })],
      onNotice: (message) => notices.push(message),
    });
    const program = await supervisor.start({
      path: "/bin/sh",
      argv: ["sh", "-c", `exec >output 2>&1\n${script}`],
      environment: [Buffer.from(`PATH=${process.env["PATH"]}`)],
      workingDirectory: directory,
    });
    t.same(await program.ended, { how: "exited", code: 0 });
    t.same(notices, []);
    return readFileSync(join(directory, "output"), "utf8").trimEnd().split("\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

void t.test("the machine is called as the pod is, and all else about it is true", async (t) => {
  const rest = ["-s", "-r", "-v", "-m", "-o"];
  const script = [
    "uname -n; hostname; python3 -c 'import socket; print(socket.gethostname())'",
    ...rest.map((flag) => `uname ${flag}`),
  ].join("\n");
  const own = rest.map((flag) => execFileSync("uname", [flag], { encoding: "utf8" }).trimEnd());
  t.same(await named("shop-6d4f-x", script), ["shop-6d4f-x", "shop-6d4f-x", "shop-6d4f-x", ...own]);
  const longest = "n".repeat(64);
  t.same(await named(longest, "uname -n"), [longest]);
});

void t.test("what has asked for other names has them", async (t) => {
  const other = await named("pod", "setarch --uname-2.6 uname -r; uname -n");
  t.match(other[0], /^2\.6\./);
  t.equal(other[1], "pod");
  if (process.getuid?.() === 0)
    t.same(await named("pod", "unshare --uts sh -c 'hostname mine; hostname'"), ["mine"]);
});

void t.test("an address where nothing can be written is a fault", async (t) => {
  const script = "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)";
  const call = "print(libc.uname(ctypes.c_void_p(8)), os.strerror(ctypes.get_errno()))";
  t.same(await named("pod", `python3 -c '${script}; ${call}'`), ["-1 Bad address"]);
});
