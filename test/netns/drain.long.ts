import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { MagpieSteal } from "../fixtures/magpie-steal.ts";
import { isAlive } from "../fixtures/proc.ts";
import { RawApp, type RawScript } from "../fixtures/raw-app.ts";
import { podState } from "../fixtures/pod-state.ts";
import type { RawConnection } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const header = ["--header", "^x-tenant: blue$"];
const get = message(["GET / HTTP/1.1"]);
const stolenGet = message(["GET / HTTP/1.1", "x-tenant: blue"]);
const ok = answer(200);
const keepsAlive = {
  answers: [
    { afterBytes: get.length, chunks: [ok] },
    { afterBytes: 2 * get.length, chunks: [ok] },
  ],
};
/** What it says the second time when the agent wants to leave. */
const lastOk = message(["HTTP/1.1 200 Fine", "Content-Length: 2", "Connection: close"], "ok");

const upgrade = message(["GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: echo"]);
const switched = message(["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo"]);
const upgrades: RawScript = { answers: [{ afterBytes: upgrade.length, chunks: [switched] }], echo: true };
const greeting = Buffer.from("220 hello\r\n");

/** A request whose answer begins at once; the rest of it comes in twenty slow pieces behind the request's last byte. */
const held = message(["POST / HTTP/1.1", "Content-Length: 1"]);
const slowBody = Buffer.from("abcdefghijklmnopqrst");
const slowHead = message(["HTTP/1.1 200 Fine", `Content-Length: ${slowBody.length}`]);
const slowResponse = Buffer.concat([slowHead, slowBody]);
const slowly: RawScript = {
  answers: [
    { afterBytes: held.length, chunks: [slowHead] },
    {
      afterBytes: held.length + 1,
      chunks: Array.from(slowBody, (_, index) => slowBody.subarray(index, index + 1)),
      gapMs: 50,
    },
  ],
};

/** Whether an agent gives out tickets: a draining one does not. */
function takesClients({ runtimeDirectory: { path } }: Scene): boolean {
  return readdirSync(path).some((directory) => existsSync(join(path, directory, "agent.sock")));
}

/** Whether the app sees the client's own port: no agent stands between them. */
async function isDirect({ app, client, to }: Scene): Promise<boolean> {
  await app.forget();
  const connection = await client.open(to);
  const { peerPort } = await app.record(0, { until: "accepted" });
  await connection.close();
  return peerPort === connection.localPort;
}

void t.test("when the last client leaves", async (t) => {
  await using scene = await Scene.create({ label: "drain" });
  const { app, client, to, made } = scene;
  await using steal = await scene.steal(...header);
  t.notOk(await isDirect(scene), "the agent is in the way");
  await app.forget();

  await app.queueScripts([keepsAlive, keepsAlive, {}, slowly, keepsAlive, { greeting, echo: true }]);
  const open = async (host: string, request?: Buffer): Promise<RawConnection> => {
    const connection = await client.open({ ...to, host });
    if (request !== undefined) await connection.send({ chunks: [request] });
    return connection;
  };
  const idle = [await open(made.pod.address4, get), await open(made.pod.address6, get)];
  for (const connection of idle) t.equal((await connection.read({ bytes: ok.length })).why, "bytes");
  const silent = await open(made.pod.address4);
  await app.record(2, { until: "accepted" });
  const underWay = await open(made.pod.address4, held);
  const begun = await underWay.read({ bytes: slowHead.length });
  const regular = await open(made.pod.address4, get);
  await regular.read({ bytes: ok.length });
  const opaque = await open(made.pod.address4);
  t.equal((await opaque.read({ bytes: greeting.length })).why, "bytes");
  // The scripts are taken in the order of accepting; from here on whoever connects is only looked at.
  const before = await app.records();
  t.equal(before.length, 6);
  await using upgradeApp = await RawApp.start({ namespace: made.pod, port: 81, script: upgrades });
  await using second = await MagpieSteal.start({
    pod: made.pod,
    runtimeDirectory: scene.runtimeDirectory,
    args: ["--port", `81:${scene.local.port}`, ...header],
  });
  t.equal(second.agentPid, steal.agentPid);
  const upgraded = await client.open({ ...to, port: upgradeApp.port });
  await upgraded.send({ chunks: [upgrade] });
  t.equal((await upgraded.read({ bytes: switched.length })).why, "bytes");
  /** An echo of what nobody else can have said. */
  const echoes = async (connection: RawConnection, words: string): Promise<boolean> => {
    await connection.send(words);
    return Buffer.from((await connection.read({ bytes: words.length })).bytes).toString() === words;
  };

  const closed = Promise.all([...idle, silent].map((connection) => connection.read({ timeoutMs: 25_000 })));
  await second.end();
  await steal.end();
  await until(() => !takesClients(scene), { what: "the agent to drain" });

  await t.test("its ports are the app's at once", async (t) => {
    const connection = await client.open(to);
    const { peerPort } = await app.record(6, { until: "accepted" });
    t.equal(peerPort, connection.localPort);
    await connection.close();
  });

  await t.test(
    "the next answer on a connection says that it is the last, and FIN is behind it",
    async (t) => {
      await regular.send({ chunks: [get] });
      const { bytes, why } = await regular.read({ timeoutMs: 5_000 });
      t.equal(why, "fin");
      t.equal(Buffer.from(bytes).toString(), lastOk.toString());
      t.equal((await app.record(4, { until: "ended" })).ended, "fin", "for the app");
    },
  );

  await t.test(
    "idle connections are ended by FIN on both sides, also one that never said anything",
    async (t) => {
      for (const { why, bytes } of await closed) t.same([why, bytes.length], ["fin", 0]);
      for (const index of [0, 1, 2])
        t.equal(
          (await app.record(index, { until: "ended" })).ended,
          "fin",
          `connection ${index}, for the app`,
        );
      t.ok(isAlive(steal.agentPid), "while a response is under way the agent stays");
    },
  );

  await t.test("a response that is under way ends untouched", async (t) => {
    await underWay.send("x");
    const { bytes } = await underWay.read({ bytes: slowBody.length, timeoutMs: 15_000 });
    t.ok(slowResponse.equals(Buffer.concat([begun.bytes, bytes])));
    await underWay.close();
  });

  await t.test(
    "connections that nobody can end in good order go on, and the agent stays for them",
    async (t) => {
      t.ok(await echoes(opaque, "an opaque one"));
      t.ok(await echoes(upgraded, "an upgraded one"));
      t.ok(isAlive(steal.agentPid));
      await opaque.close();
      await upgraded.close();
      await steal.agentGone({ timeoutMs: 5_000 });
    },
  );

  await t.test("nothing of the agent is left", async (t) => {
    t.equal((await made.pod.run("nft", "list", "ruleset")).stdout.trim(), "");
    for (const family of ["-4", "-6"]) {
      const { stdout } = await made.pod.run("ip", family, "rule", "show");
      t.notMatch(stdout, "fwmark", `ip ${family} rule`);
    }
  });
});

void t.test("an agent that nothing holds ends within seconds of its last client", async () => {
  await using scene = await Scene.create({ label: "drainempty" });
  await using steal = await scene.steal(...header);
  const silent = await scene.client.open(scene.to);
  await scene.app.record(0, { until: "accepted" });
  await steal.end();
  await silent.close();
  await steal.agentGone({ timeoutMs: 8_000 });
});

void t.test("when the time to drain is up, what is left is cut", async (t) => {
  await using scene = await Scene.create({ label: "draincap" });
  await using steal = await scene.steal(...header, "--drain-max", "1500ms");
  await scene.app.setScript({ greeting });
  const opaque = await scene.client.open(scene.to);
  await opaque.read({ bytes: greeting.length });
  await steal.end();
  t.equal((await opaque.read({ timeoutMs: 5_000 })).why, "reset");
  await steal.agentGone({ timeoutMs: 3_000 });
});

void t.test("a session that begins while the old agent drains", async (t) => {
  await using scene = await Scene.create({ label: "drainnew" });
  const { app, local, client, to, made } = scene;
  await using steal = await scene.steal(...header);
  await app.queueScripts([slowly]);
  const underWay = await client.open(to);
  await underWay.send({ chunks: [held] });
  const begun = await underWay.read({ bytes: slowHead.length });
  await steal.end();
  await until(() => !takesClients(scene), { what: "the agent to drain" });
  await using next = await scene.steal(...header);
  t.not(next.agentPid, steal.agentPid, "has an agent of its own");
  t.ok(isAlive(steal.agentPid), "beside the old one");
  await underWay.send("x");
  const { bytes } = await underWay.read({ bytes: slowBody.length, timeoutMs: 15_000 });
  t.ok(slowResponse.equals(Buffer.concat([begun.bytes, bytes])), "and harms nothing that is under way there");
  await underWay.close();
  await steal.agentGone({ timeoutMs: 5_000 });
  t.ok(takesClients(scene), "nor whoever wants to join");

  await app.forget();
  await app.setScript(keepsAlive);
  await local.setScript({ answers: [{ afterBytes: stolenGet.length, chunks: [ok] }] });
  const { address4, address6 } = made.client;
  const routes = [
    { host: made.pod.address4, localAddress: address4 },
    { host: made.pod.address6, localAddress: address6 },
  ];
  for (const route of routes) {
    const connection = await client.open({ ...to, ...route });
    await connection.send({ chunks: [get] });
    t.equal((await connection.read({ bytes: ok.length })).why, "bytes");
    await connection.close();
  }
  const seen = (await app.records()).map(({ peerAddress }) => peerAddress);
  t.same(seen, [address4, address6], "still shows the app its clients' addresses");
  const connection = await client.open(to);
  await connection.send({ chunks: [stolenGet] });
  t.equal((await connection.read({ bytes: ok.length })).why, "bytes");
  t.equal((await local.records()).length, 1, "and still steals");
});

void t.test(
  "an agent that came and went while an old one drains takes nothing from its connections",
  async (t) => {
    await using scene = await Scene.create({ label: "drainold" });
    const { app, client, to, made } = scene;
    const before = await podState(made.pod);
    await using steal = await scene.steal(...header);
    await app.setScript({ greeting, echo: true });
    const opaque = await client.open(to);
    await opaque.read({ bytes: greeting.length });
    await steal.end();
    await until(() => !takesClients(scene), { what: "the agent to drain" });
    for (let round = 1; round <= 2; round++) {
      await using next = await scene.steal(...header);
      t.not(next.agentPid, steal.agentPid);
      await next.end();
      await next.agentGone();
      await opaque.send(`round ${round}`);
      const { bytes } = await opaque.read({ bytes: 7, timeoutMs: 3_000 });
      t.equal(Buffer.from(bytes).toString(), `round ${round}`, "the way back to its client is there");
    }
    t.ok(isAlive(steal.agentPid));
    await opaque.close();
    await steal.agentGone();
    t.same(await podState(made.pod), before, "who leaves last leaves nothing behind");
  },
);
