import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { BulkPeer } from "../fixtures/bulk-peer.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { MirrorSession } from "../fixtures/mirror-session.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { rssBytes } from "../fixtures/proc.ts";

const requests = 600;
const host = "10.77.0.1";
const port = 80;
const uploadBytes = 100 << 20;
/** What the agent may grow by: 16 MB of copies, and what its collector leaves lying. */
const growthBytes = 64 << 20;

/** Sends two seconds' load, all of which the app must answer; gives the slowest but 1 %. */
async function p99Ms(t: Test, client: Namespace): Promise<number> {
  const plan = { host, port, connections: 20, ratePerSecond: 500, count: requests };
  await using load = await Load.start({ namespace: client, ...plan });
  await load.ended(requests);
  const { outcomes } = await load.stop();
  const failed = outcomes.filter(
    ({ status, who, errorCode }) => status !== 200 || who !== "app" || errorCode !== undefined,
  );
  t.same(failed.slice(0, 3), [], `${requests} requests, none failed`);
  const durations = outcomes.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs).toSorted((a, b) => a - b);
  return durations[Math.ceil(durations.length * 0.99) - 1] ?? Number.NaN;
}

/** A busy machine may be slow by itself, for a while; a request that has to wait for a mirror is slow each time. */
async function isUndisturbed(t: Test, baseline: number, measure: () => Promise<number>): Promise<void> {
  const mostMs = baseline * 5 + 50;
  let p99 = await measure();
  for (let again = 0; p99 > mostMs && again < 2; again++) p99 = Math.min(p99, await measure());
  t.comment(`p99 ${p99.toFixed(1)} ms, undisturbed ${baseline.toFixed(1)} ms`);
  t.ok(p99 <= mostMs, `p99 ${p99} ms, undisturbed ${baseline} ms`);
}

/** What a process's memory grows by at most while something is done: the kernel keeps the peak (proc_pid_clear_refs(5)). */
async function growth(pid: number, act: () => Promise<void>): Promise<number> {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = rssBytes(pid);
  await act();
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(peak ?? Number.NaN) * 1024 - before;
}

void t.test("a mirror slows and breaks nothing, whatever becomes of its session", async (t) => {
  await using made = await createNamespaces({ label: "mirror-load" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using app = await HttpApp.start({ name: "app", namespace: made.pod, port });
  t.equal(app.port, port);
  const args = ["--port", `${port}:9`, "--header", "^x-tenant: blue$"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  const at = { pod: made.pod, runtimeDirectory, port };
  const { client } = made;
  await p99Ms(t, client); // The first requests compile what the others use.
  const baseline = await p99Ms(t, client);

  await t.test("a program that hangs: 1,024 copies wait, the others are dropped and counted", async (t) => {
    await using mirror = await MirrorSession.start({ ...at, behaviour: "stall" });
    await isUndisturbed(t, baseline, () => p99Ms(t, client));
    await p99Ms(t, client);
    const { sent, dropped, lastDrop } = await mirror.counts(requests * 2 - 1_024);
    t.equal(sent, 0);
    t.ok(dropped >= requests * 2 - 1_024, `${dropped} dropped`);
    t.match(lastDrop, /as many copies under way as it may/);
  });

  await t.test("a program that refuses: every copy has failed", async (t) => {
    await using mirror = await MirrorSession.start({ ...at, behaviour: "refuse" });
    await isUndisturbed(t, baseline, () => p99Ms(t, client));
    const { sent, dropped, failed } = await mirror.counts(requests);
    t.equal(sent, 0);
    t.ok(failed > 0 && failed + dropped >= requests, `${failed} failed, ${dropped} dropped`);
  });

  await t.test("a session that is stopped, goes on, and is killed", async (t) => {
    await using mirror = await MirrorSession.start({ ...at, terms: { answers: true } });
    mirror.proc.pause();
    await isUndisturbed(t, baseline, () => p99Ms(t, client));
    mirror.proc.resume();
    await mirror.counts(requests);
    await using load = await Load.start({
      ...{ namespace: client, host, port, connections: 20, ratePerSecond: 500, count: requests },
    });
    await load.ended(requests / 2);
    await mirror.proc.kill();
    await load.ended(requests);
    const { outcomes } = await load.stop();
    t.same(
      outcomes.filter(({ status, errorCode }) => status !== 200 || errorCode !== undefined),
      [],
    );
  });

  await t.test("a mirror that reads gets all, and one with a sample or a rate its share", async (t) => {
    await using all = await MirrorSession.start(at);
    await using tenth = await MirrorSession.start({ ...at, terms: { sample: 0.1 } });
    await using few = await MirrorSession.start({ ...at, terms: { maxPerSecond: 20 } });
    const beganMs = performance.now();
    await p99Ms(t, client);
    const seconds = (performance.now() - beganMs) / 1_000;
    t.match(await all.counts(requests), { sent: requests, dropped: 0, failed: 0, skipped: 0 });
    const sampled = await tenth.counts(requests);
    t.ok(sampled.sent > 25 && sampled.sent < 110, `${sampled.sent} of a tenth of ${requests}`);
    const rated = await few.counts(requests);
    t.ok(rated.sent >= 20 && rated.sent <= 20 * (seconds + 1) + 1, `${rated.sent} in ${seconds} s`);
    t.equal(rated.skipped, requests - rated.sent);
  });
  t.ok(steal.proc.running);
});

void t.test("100 MB for a program that hangs take the agent no more room than a copy may", async (t) => {
  await using made = await createNamespaces({ label: "mirror-memory" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using app = await BulkPeer.start({ namespace: made.pod });
  await using client = await BulkPeer.start({ namespace: made.client });
  await app.listen({ host: "::", port });
  const args = ["--port", `${port}:9`, "--header", "^x-tenant: blue$"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  const at = { pod: made.pod, runtimeDirectory, port, terms: { answers: true } };
  await using stalled = await MirrorSession.start({ ...at, behaviour: "stall" });
  await using stopped = await MirrorSession.start(at);
  const to = { host, port };
  await client.upload(to, uploadBytes); // Brings the collector to its ordinary pace.
  stopped.proc.pause();
  for (const [what, act] of [
    ["up", () => client.upload(to, uploadBytes)],
    ["down", () => client.download(to, uploadBytes)],
  ] as const) {
    const grown = await growth(steal.agentPid, act);
    t.comment(`100 MB ${what}: the agent grew by ${(grown / (1 << 20)).toFixed(1)} MB`);
    t.ok(grown < growthBytes, `${grown} bytes`);
  }
  stopped.proc.resume();
  t.match(await stalled.counts(2), { sent: 0, dropped: 2 });
});
