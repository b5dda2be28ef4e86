import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { type Attack, type Flood, FLOODS, HostilePeer } from "../fixtures/hostile-peer.ts";
import { Load } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { openFiles, rssBytes } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const host = "10.77.0.1";
const bystandersPort = 80;
const attackedPort = 8080;
/** Of the attacker's frames a second; what a frame is differs: CONTINUATIONs come as 32 KB. */
const framesPerSecond = 6_000;
/** Blocks of 88 KB, or of 6 KB that stand for 8 MB of fields. */
const heavyPerSecond = 200;
const heavy = new Set<Attack>(["continuation", "hpack-bomb"]);
/** The burst of what is ignored is 10,000. */
const lightPerSecond = 40_000;
/** Each attack may take so much memory, beside what is said of single ones below. */
const growthBytes = 64 << 20;
const halfHeads = 1_000;
const halfHeadBytes = 16 * 1024;
const stalledAnswers = 400;
/** At the developer's end a stalled answer has the queue of its stream, 128 KB, and what was read before it was full. */
const stalledAnswerBytes = 384 * 1024;
const requests = 150;

/** The times of requests that must all be answered by `who`, in ms. */
async function durations(
  t: Test,
  { client, who, fields = {} }: { client: Namespace; who: string; fields?: Record<string, string> },
): Promise<{ p50: number; p99: number }> {
  const plan = {
    host,
    port: bystandersPort,
    connections: 10,
    ratePerSecond: 300,
    count: requests,
    headers: fields,
  };
  await using load = await Load.start({ namespace: client, ...plan });
  await load.ended(requests);
  const { outcomes } = await load.stop();
  const failed = outcomes.filter(
    ({ status, who: by, errorCode }) => status !== 200 || by !== who || errorCode !== undefined,
  );
  t.same(failed.slice(0, 3), [], `${requests} requests to ${who}, none failed`);
  const all = outcomes.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs).toSorted((a, b) => a - b);
  const at = (share: number) => all[Math.ceil(all.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function peakBytes(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(peak ?? Number.NaN) * 1024;
}

const mega = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MB`;
const ms = (value: number): string => value.toFixed(1);

/** How a flood ends: by a GOAWAY of ours, of the app, or not at all since it does no harm at this rate. */
const ENDS: Readonly<Record<Flood, "calm" | "compression" | "app" | "never">> = {
  "rapid-reset-forwarded": "app",
  "rapid-reset-stolen": "calm",
  "made-you-reset": "calm",
  continuation: "calm",
  "continuation-small": "calm",
  "hpack-bomb": "never",
  "huffman-garbage": "compression",
  ping: "never",
  settings: "calm",
  "empty-data": "calm",
  priority: "calm",
  "window-update": "never",
  unknown: "never",
  "empty-headers": "app",
};
const CODES = { calm: 11, compression: 9 };

t.setTimeout(150_000);
void t.test("hostile clients", { timeout: 150_000 }, async (t) => {
  await using made = await createNamespaces({ label: "hostile" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using bystandersApp = await HttpApp.start({ name: "app", namespace: made.pod, port: bystandersPort });
  await using attackedApp = await startHttp2Server({ name: "h2", namespace: made.pod, port: attackedPort });
  await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
  const ports = [bystandersPort, attackedPort].flatMap((port) => ["--port", `${port}:${local.port}`]);
  const args = [...ports, "--header", "^x-tenant: blue$"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  t.ok(bystandersApp.port === bystandersPort && attackedApp.pid > 0);
  const { agentPid } = steal;
  const bystanders = { client: made.client, who: "app" };
  const stolen = { client: made.client, who: "local", fields: { "x-tenant": "blue" } };
  await durations(t, bystanders); // The first requests compile what the others use.
  await durations(t, stolen);
  const undisturbed = await durations(t, bystanders);
  t.comment(`undisturbed: p50 ${ms(undisturbed.p50)} ms, p99 ${ms(undisturbed.p99)} ms`);

  /** A busy machine may be slow by itself, for a while; who has to wait for the attacker is slow each time. */
  const isNotSlowed = async (t: Test, of = bystanders, beside = undisturbed): Promise<void> => {
    const most = { p50: beside.p50 * 3 + 5, p99: beside.p99 * 5 + 50 };
    let seen = await durations(t, of);
    if (seen.p50 > most.p50 || seen.p99 > most.p99) seen = await durations(t, of);
    t.comment(`p50 ${ms(seen.p50)} ms, p99 ${ms(seen.p99)} ms`);
    t.ok(seen.p50 <= most.p50, `p50 ${ms(seen.p50)} ms, undisturbed ${ms(beside.p50)} ms`);
    t.ok(seen.p99 <= most.p99, `p99 ${ms(seen.p99)} ms, undisturbed ${ms(beside.p99)} ms`);
  };
  const under = async (
    t: Test,
    attack: { attack: Attack; count: number; mostBytes: number; port?: number; isEnded?: boolean },
    act: () => Promise<void>,
  ): Promise<readonly number[]> => {
    let goaways: readonly number[] = [];
    writeFileSync(`/proc/${agentPid}/clear_refs`, "5"); // proc_pid_clear_refs(5): the peak begins again.
    const before = rssBytes(agentPid);
    const files = openFiles(agentPid);
    {
      const to = { host, port: attack.port ?? attackedPort };
      await using attacker = await HostilePeer.start({ namespace: made.client, ...to, ...attack });
      await act();
      // So nice a process may need a while on a busy machine to be one flood too many.
      const isToldSo = () => attacker.goaways.length > 0;
      if (attack.isEnded === true) await until(isToldSo, { what: "the end of the flood", timeoutMs: 30_000 });
      t.ok(attacker.proc.running, "all the while");
      goaways = attacker.goaways;
    }
    const grown = peakBytes(agentPid) - before;
    t.comment(`the agent grew by ${mega(grown)}`);
    t.ok(grown < attack.mostBytes, `the agent grew by ${mega(grown)}`);
    await until(() => openFiles(agentPid) < files + 50, { what: "the attacker's connections to be gone" });
    return goaways;
  };

  for (const attack of FLOODS)
    await t.test(`flood of ${attack}: memory is bounded and nobody else is slowed`, async (t) => {
      const light = attack === "priority" ? lightPerSecond : framesPerSecond;
      const count = heavy.has(attack) ? heavyPerSecond : light;
      const end = ENDS[attack];
      const isEnded = end !== "never";
      const goaways = await under(t, { attack, count, mostBytes: growthBytes, isEnded }, () =>
        isNotSlowed(t),
      );
      t.comment(`GOAWAY ${goaways.join(", ")}`);
      if (!isEnded) t.same(goaways, []);
      if (end in CODES) t.ok(goaways.every((code) => code === CODES[end as keyof typeof CODES])); // Just looked up.
    });

  await t.test(`${halfHeads} half heads, a byte a second: each costs less than 16 KB`, async (t) => {
    const mostBytes = halfHeads * halfHeadBytes;
    await under(t, { attack: "half-heads", count: halfHeads, mostBytes, port: bystandersPort }, async () => {
      await until(() => openFiles(agentPid) > halfHeads * 2, { what: "all connections", timeoutMs: 20_000 });
      await isNotSlowed(t);
    });
  });

  await t.test(`${halfHeads} half header blocks of HTTP/2: each costs less than 32 KB`, async (t) => {
    const mostBytes = halfHeads * 2 * halfHeadBytes;
    await under(t, { attack: "half-frames", count: halfHeads, mostBytes }, async () => {
      await until(() => openFiles(agentPid) > halfHeads * 2, { what: "all connections", timeoutMs: 20_000 });
      await isNotSlowed(t);
    });
  });

  await t.test(`${stalledAnswers} stolen answers without a window: the session serves others`, async (t) => {
    const beside = await durations(t, stolen);
    const ownBytes = rssBytes(steal.proc.pid);
    await under(t, { attack: "no-window", count: stalledAnswers, mostBytes: growthBytes }, async () => {
      await isNotSlowed(t);
      await isNotSlowed(t, stolen, beside);
    });
    const grown = rssBytes(steal.proc.pid) - ownBytes;
    t.comment(`the client of the session grew by ${mega(grown)}`);
    t.ok(grown < stalledAnswers * stalledAnswerBytes, "the rest of 400 MB waits at the local process");
  });
});
