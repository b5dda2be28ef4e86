import t from "tap";
import { nowMs } from "../fixtures/load.ts";
import { podState } from "../fixtures/pod-state.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const theirs = message(["GET /theirs HTTP/1.1", "Host: pod"]);
const mine = message(["GET /mine HTTP/1.1", match]);
const fromApp = answer(200, "from the app");
const fromLocal = answer(200, "from a local");

/** How long after SIGKILL of the agent a backend may leave new connections unanswered. */
const backends = { tproxy: 1_000, redirect: 1_000, iptables: 6_000 } as const;

for (const [backend, mostMs] of Object.entries(backends)) {
  void t.test(
    `${backend}: steals, passes on with the caller's address, and goes with its agent`,
    async (t) => {
      await using scene = await Scene.create({ label: backend });
      const { made, app, local, client } = scene;
      const { pod } = made;
      await using sidecar = await RawClient.start({ namespace: pod });
      await app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
      await local.setScript({ answers: [{ afterBytes: 1, chunks: [fromLocal] }] });
      const before = await podState(pod);
      const start = () => scene.steal("--redirect", backend, "--header", `^${match}$`, "--trace");
      await using steal = await start();
      t.equal(steal.ready.backend, backend);

      const ask = async (
        caller: RawClient,
        host: string,
        request: Buffer,
        localAddress?: string,
      ): Promise<string> => {
        const from = localAddress === undefined ? {} : { localAddress };
        const seen = await caller.exchange({
          host,
          port: 80,
          chunks: [request],
          until: { bytes: fromApp.length, timeoutMs: 1_000 },
          ...from,
        });
        return (
          /from .*$/.exec(Buffer.from(seen.bytes).toString("latin1"))?.[0] ?? `${seen.why} ${seen.errorCode}`
        );
      };
      const callers = [
        { caller: client, from: "10.77.0.2", host: pod.address4 },
        { caller: client, from: "10.77.0.3", host: pod.address4 },
        { caller: client, from: "fd77::3", host: pod.address6 },
        { caller: sidecar, from: "127.0.0.1", host: "127.0.0.1" },
        { caller: sidecar, from: "::1", host: "::1" },
        { caller: sidecar, from: "10.77.0.1", host: pod.address4 },
        { caller: sidecar, from: "fd77::1", host: pod.address6 },
      ];
      for (const { caller, from, host } of callers) {
        await app.forget();
        t.equal(await ask(caller, host, theirs, from), "from the app", `${from} to ${host}`);
        const { peerAddress, localAddress } = await app.record(0, { until: "accepted" });
        t.same([peerAddress, localAddress], [from, host], `${from} to ${host}: as the app sees it`);
        t.equal(await ask(caller, host, mine, from), "from a local", `${from} to ${host}, matching`);
      }
      await steal.decided(() => true, { count: callers.length * 2 });
      t.equal(steal.decisions.length, callers.length * 2, "each was decided once");

      await steal.end();
      await steal.agentGone();
      // Empty tables stay where iptables has once been used: they are the tool's own and do nothing.
      const { ruleset, ...after } = await podState(pod);
      t.same(
        { ...after, ruleset: backend === "iptables" ? "" : ruleset },
        before,
        "it leaves nothing behind",
      );

      await using again = await start();
      t.equal(await ask(client, pod.address4, mine), "from a local");
      process.kill(again.agentPid, "SIGKILL");
      const killedMs = nowMs();
      await until(async () => (await ask(client, pod.address4, mine)) === "from the app", {
        what: "the app to answer",
      });
      const releasedMs = nowMs() - killedMs;
      t.ok(releasedMs < mostMs, `the app answers again ${releasedMs.toFixed()} ms after the agent's death`);
      t.equal(await ask(sidecar, "127.0.0.1", mine), "from the app");
      t.equal(await ask(client, pod.address6, mine), "from the app");
    },
  );
}
