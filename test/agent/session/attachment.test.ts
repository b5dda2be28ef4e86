import t from "tap";
import { silentLog } from "../../../src/agent/log.ts";
import { Attachment } from "../../../src/agent/session/attachment.ts";
import { ownProcess } from "../../../src/client/session/own-process.ts";
import type { ProcessIdentity } from "../../../src/protocol/index.ts";
import { MemoryCarrier } from "../../../src/tunnel/index.ts";
import { Proc } from "../../fixtures/proc.ts";
import { until } from "../../fixtures/until.ts";

/** An attachment, and what became of it. */
function attach(about: { graceMs: number; process: ProcessIdentity | null }) {
  const [raw] = MemoryCarrier.pair();
  const told: string[] = [];
  const attachment = new Attachment({ raw, log: silentLog(), onGone: () => told.push("gone") });
  attachment.carrier.start({
    onData() {},
    onDrain() {},
    onClose: (error) => told.push(`closed ${error?.code ?? "on purpose"}`),
  });
  const graceMs = attachment.welcomed(about);
  t.teardown(() => attachment.close());
  return { attachment, raw, told, graceMs };
}

/** Another process of this machine, as it would say who it is. */
async function startOther() {
  const script = `import("${import.meta.resolve("../../../src/client/session/own-process.ts")}")
    .then(({ ownProcess }) => console.log("I am " + JSON.stringify(ownProcess())))
    .then(() => setInterval(() => {}, 1000))`;
  const proc = await Proc.start({ command: [process.execPath, "-e", script] });
  t.teardown(() => proc.kill());
  const [, text = ""] = await proc.line(/^I am (.*)$/);
  return { proc, identity: JSON.parse(text) as ProcessIdentity }; // As it was just written.
}

void t.test(
  "a client that is killed while its carrier is lost is seen to be gone, one that is stopped is not",
  async (t) => {
    const { proc, identity } = await startOther();
    const { raw, told, attachment } = attach({ graceMs: 60_000, process: identity });
    proc.pause();
    raw.cut();
    await new Promise((resolve) => setTimeout(resolve, 400)); // One look and another.
    t.strictSame(told, []);
    t.ok(attachment.carrier.isDetached);
    t.ok((attachment.awaySince ?? 0) >= Date.now() - 5_000, "since when is told to who shares the pod");
    proc.child.kill("SIGKILL");
    await until(() => told.length > 0, { what: "a word on it", timeoutMs: 1_000 });
    t.strictSame(told, ["gone"]);
  },
);

void t.test("a client that died with its carrier is seen to be gone at once", async (t) => {
  const { proc, identity } = await startOther();
  const { raw, told } = attach({ graceMs: 60_000, process: identity });
  await proc.kill();
  t.strictSame(told, []);
  raw.cut();
  t.strictSame(told, ["gone"]);
});

void t.test("who cannot be seen from here is waited for, whatever is seen", (t) => {
  const own = ownProcess();
  if (own === null) throw new Error("this machine has a /proc");
  for (const process of [
    null,
    { ...own, bootId: "another machine" },
    { ...own, pidNamespace: own.pidNamespace + 1 },
    { ...own, startTime: own.startTime + 1 },
    { ...own, pid: 2 ** 31 - 1 },
  ]) {
    const { raw, told, attachment } = attach({ graceMs: 60_000, process });
    raw.cut();
    t.strictSame(told, []);
    t.ok(attachment.carrier.isDetached);
    attachment.carrier.destroy();
  }
  t.end();
});

void t.test(
  "the grace time is the client's wish, at most ten minutes; none before the welcome or after the end",
  (t) => {
    t.equal(attach({ graceMs: 5_000, process: null }).graceMs, 5_000);
    t.equal(attach({ graceMs: 86_400_000, process: null }).graceMs, 600_000);
    const { raw, told, attachment } = attach({ graceMs: 5_000, process: null });
    attachment.close();
    raw.cut();
    t.strictSame(told, ["closed carrier-lost"]);
    t.end();
  },
);
