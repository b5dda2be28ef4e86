import t from "tap";
import { runTool, runToolOrThrow, runToolSync } from "../../iptables/src/tool.ts";

await t.test("gives input, output and exit code, and puts the prefix in front", async (t) => {
  const result = await runTool(["sh", "-c", "cat; echo $X >&2; exit 3"], {
    input: "in",
    commandPrefix: ["env", "X=1"],
  });
  t.strictSame(result, { exitCode: 3, stdout: "in", stderr: "1\n" });
  await t.rejects(runToolOrThrow(["sh", "-c", "echo why >&2; exit 3"]), {
    code: "command-failed",
    message: /why/,
  });
});

await t.test("a tool that is missing, hangs or ignores its input is told apart", async (t) => {
  await t.rejects(runTool(["magpie-no-such-tool"]), { code: "not-started" });
  await t.rejects(runTool(["sleep", "60"], { timeoutMs: 50 }), { code: "timed-out" });
  t.match(await runTool(["true"], { input: "x".repeat(1024 * 1024) }), { exitCode: 0 });
  t.match(await runTool(["sh", "-c", "kill -9 $$"]), { exitCode: 137 });
});

await t.test("the blocking form tells nothing, not even that the tool is missing", async (t) => {
  t.equal(runToolSync(["magpie-no-such-tool"]), undefined);
  t.equal(runToolSync(["cat"], { input: "x" }), undefined);
});
