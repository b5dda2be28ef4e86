import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { environmentPart, environmentSource } from "../../../src/protocol/index.ts";
import { createNamespaces } from "../../fixtures/namespaces.ts";
import { AskedAgent, type TestAsker } from "./asked.ts";

const agent = new AskedAgent();
const large = "x".repeat(100_000);

function blockOf({ bodies }: TestAsker): string {
  return Buffer.concat(bodies.slice(1).map(environmentPart)).toString();
}

void t.test("it is told whose environment it is, then all its bytes, in parts", async (t) => {
  const child = spawn("/bin/sleep", ["60"], { env: { LARGE: large, LAST: "1" }, stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const asker = await agent.ask({ kind: "environment", process: pid }).over();
  const source = environmentSource(asker.bodies[0] ?? null);
  t.match(source, { process: pid, name: "sleep", because: "it was named" });
  const block = blockOf(asker);
  t.equal(block.length, source.byteLength);
  t.ok(block.startsWith(`LARGE=${large}\0LAST=1\0`));
  t.ok(asker.bodies.length >= 4);

  const slow = agent.ask({ kind: "environment", process: pid });
  slow.takesMore = false;
  t.equal(blockOf(await slow.over()), block, "a tunnel that is full is waited for");
});

void t.test("who asks no more is told no more", async (t) => {
  const child = spawn("/bin/sleep", ["60"], {
    env: { LARGE: large, MORE: large, MOST: large },
    stdio: "ignore",
  });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const asker = agent.ask({ kind: "environment", process: child.pid ?? 0 });
  asker.takesMore = false;
  await asker.until(({ bodies }) => bodies.length === 2);
  asker.withdraw();
  await asker.over();
  t.equal(asker.bodies.length, 3, "the last answer is nobody's any more");
});

void t.test("a process that is gone, or of another pod, is refused", async (t) => {
  await using made = await createNamespaces({ label: "refused" });
  await using elsewhere = await made.pod.spawn(["sh", "-c", "echo there; exec sleep 60"]);
  await elsewhere.line(/^there$/);
  t.equal((await agent.ask({ kind: "environment", process: elsewhere.pid }).over()).refused, "not-here");
  await elsewhere.kill();
  t.equal((await agent.ask({ kind: "environment", process: elsewhere.pid }).over()).refused, "process-gone");
});
