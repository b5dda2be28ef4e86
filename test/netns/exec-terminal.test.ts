import { fileURLToPath } from "node:url";
import t from "tap";
import { ExecStage } from "../fixtures/exec-stage.ts";
import { Proc } from "../fixtures/proc.ts";

const stage = await ExecStage.open("terminal");
t.teardown(() => stage[Symbol.asyncDispose]());
const player = fileURLToPath(new URL("../fixtures/terminal-user.py", import.meta.url));

void t.test("in either sandbox a program has its terminal as if it were alone on it", async (t) => {
  const played = async (kind: string): Promise<void> => {
    await using proc = await Proc.start({
      command: ["python3", player, ...stage.commandOf("--sandbox", kind, "--no-incoming", "--")],
      env: { MAGPIE_RUNTIME_DIR: stage.runtimeDirectory.path },
    });
    t.match(await proc.exited, { code: 0 }, proc.output());
    t.same(
      proc.stdout.map((line) => JSON.parse(line) as unknown),
      [
        { what: "size", first: 120, then: 77 },
        { what: "password", shown: false },
        { what: "end of input", code: 0 },
        // 128 + SIGINT
        { what: "jobs of a shell", code: 130 },
        { what: "shell", code: 4 },
        // Of SIGQUIT.
        { what: "quit", code: -3 },
        { what: "the terminal is closed", code: 5 },
      ],
      kind,
    );
  };
  await Promise.all(["namespace", "seccomp"].map(played));
});
