import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { nowMs } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const header = ["--header", "^x-tenant: blue$"];
const get = message(["GET / HTTP/1.1"]);
const stolenGet = message(["GET / HTTP/1.1", "x-tenant: blue"]);
const theirs = answer(200, "theirs");
const mine = answer(200, "mine");
/** The lease of a port, and a moment for the machine. iptables counts it in whole seconds. */
const leaseOverMs = 7_000;

/** Both know one request, so that who answers says who was asked. */
async function scripted(label: string): Promise<Scene> {
  const scene = await Scene.create({ label });
  await scene.app.setScript({ answers: [{ afterBytes: get.length, chunks: [theirs] }] });
  await scene.local.setScript({ answers: [{ afterBytes: stolenGet.length, chunks: [mine] }] });
  return scene;
}

type Way = { host: string; localAddress?: string };

function waysOf({ made: { client, pod } }: Scene): (Way & { localAddress: string })[] {
  return [
    { host: pod.address4, localAddress: client.address4 },
    { host: pod.address6, localAddress: client.address6 },
  ];
}

/** One request on a new connection; gives the answer's body, or how it failed. */
async function ask(client: RawClient, way: Way, request: Buffer): Promise<string> {
  const { bytes, why, errorCode } = await client.exchange({
    ...way,
    port: 80,
    chunks: [request],
    until: { bytes: request === get ? theirs.length : mine.length },
  });
  if (why !== "bytes") return errorCode ?? why;
  return Buffer.from(bytes).toString("latin1").split("\r\n").at(-1) ?? "";
}

/** Whether the app sees the client's own port: nobody stands between them. */
async function isDirect({ app, client, to }: Scene): Promise<boolean> {
  await app.forget();
  const { localPort, why } = await client.exchange({ ...to, chunks: [get], until: { bytes: theirs.length } });
  return why === "bytes" && (await app.record(0, { until: "accepted" })).peerPort === localPort;
}

async function bystandersKeepTheirAddresses(t: Test, scene: Scene): Promise<void> {
  const { app, client } = scene;
  for (const way of waysOf(scene)) {
    await app.forget();
    t.equal(await ask(client, way, get), "theirs");
    const { peerAddress, localAddress } = await app.record(0, { until: "accepted" });
    t.same([peerAddress, localAddress], [way.localAddress, way.host]);
  }
}

async function matchingRequestsAreStolen(t: Test, scene: Scene): Promise<void> {
  for (const way of waysOf(scene)) t.equal(await ask(scene.client, way, stolenGet), "mine");
}

for (const backend of ["tproxy", "redirect", "iptables"] as const)
  void t.test(`--redirect ${backend}`, async (t) => {
    await using scene = await scripted(backend);
    const { app, client, to, made } = scene;
    await using sidecar = await RawClient.start({ namespace: made.pod });
    const before = await client.open(to);
    await app.record(0, { until: "accepted" });
    await using first = await scene.steal(...header, "--redirect", backend);
    t.same([first.ready.backend, first.ready.backendReason], [backend, "it was asked for"], "is told");

    await t.test("steals requests that match, over IPv4 and IPv6", (t) =>
      matchingRequestsAreStolen(t, scene),
    );

    await t.test("shows the app the address of every client whose request does not match", (t) =>
      bystandersKeepTheirAddresses(t, scene),
    );

    await t.test("sees what the pod's own processes send to the app over loopback", async (t) => {
      for (const host of ["127.0.0.1", "::1", made.pod.address4]) {
        t.equal(await ask(sidecar, { host }, stolenGet), "mine", host);
        t.equal(await ask(sidecar, { host }, get), "theirs", host);
      }
    });

    await t.test("leaves a connection alone that was there before", async (t) => {
      // Its app knows no filter: it answers whatever is long enough.
      await before.send({ chunks: [stolenGet] });
      const { bytes, why } = await before.read({ bytes: theirs.length });
      t.same([why, Buffer.from(bytes)], ["bytes", theirs]);
    });

    await t.test("gives the port back when the session ends, and takes it again", async (t) => {
      t.notOk(await isDirect(scene));
      await first.end();
      t.ok(await isDirect(scene), "back at once");
    });

    await using second = await scene.steal(...header, "--redirect", backend);
    await t.test("gives the port back when its agent is killed", async (t) => {
      t.equal(await ask(client, to, stolenGet), "mine");
      process.kill(second.agentPid, "SIGKILL");
      const killedMs = nowMs();
      await until(() => isDirect(scene), { what: "the app's port to be its own", timeoutMs: 15_000 });
      const tookMs = nowMs() - killedMs;
      t.comment(`${backend}: ${Math.round(tookMs)} ms`);
      t.ok(tookMs < (backend === "iptables" ? leaseOverMs : 1_000), `${tookMs} ms`);
      if (backend === "iptables") return;
      const hasNoRules = async () => (await made.pod.run("nft", "list", "ruleset")).stdout.trim() === "";
      await until(hasNoRules, { what: "the rules to be gone", timeoutMs: 1_000 });
    });
  });

/** A session on port 80 of a scene, started by way of another command. */
function stealBy(wrapper: readonly string[], scene: Scene, ...args: readonly string[]): Promise<MagpieSteal> {
  const { made, runtimeDirectory, local } = scene;
  const fixed = ["--port", `80:${local.port}`, ...header];
  return MagpieSteal.start({ pod: made.pod, runtimeDirectory, args: [...fixed, ...args], wrapper });
}

void t.test("--redirect auto", async (t) => {
  await t.test("takes tproxy where everything works", async (t) => {
    await using scene = await scripted("auto");
    await using steal = await scene.steal(...header);
    t.same([steal.ready.backend, steal.ready.backendReason], ["tproxy", "the best that works here"]);
  });

  await t.test("takes iptables where nft is missing, and says why", async (t) => {
    await using scene = await scripted("nonft");
    await using tools = await RuntimeDirectory.create();
    for (const directory of (process.env["PATH"] ?? "").split(":").filter((path) => existsSync(path))) {
      const wanted = readdirSync(directory).filter((name) => /^(nsenter|ip|ss|ip6?tables.*)$/.test(name));
      for (const name of wanted)
        if (!existsSync(join(tools.path, name))) symlinkSync(join(directory, name), join(tools.path, name));
    }
    await using steal = await stealBy(["env", `PATH=${tools.path}`], scene);
    t.equal(steal.ready.backend, "iptables");
    t.match(
      steal.ready.backendReason,
      /tproxy: .*nft could not be started.*redirect: .*nft could not be started/,
    );
    await matchingRequestsAreStolen(t, scene);
    await bystandersKeepTheirAddresses(t, scene);
  });
});

/** Runs what follows where /proc/sys can only be read, as in most containers. */
const readOnlySysctl = [
  ...["unshare", "--mount", "sh", "-c"],
  'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"',
  "sh",
];

/** How the agent gets the app's answers back, by its own log. */
function returnPathOf({ path }: RuntimeDirectory): unknown {
  // Beside agents, by the number of their namespace, the directory has what sessions write down.
  const agents = readdirSync(path).filter((name) => /^\d+$/.test(name));
  const logs = agents.map((directory) => readFileSync(join(path, directory, "agent.log"), "utf8"));
  const line =
    logs
      .join("")
      .split("\n")
      .find((text) => text.includes("agent ready")) ?? "{}";
  return (JSON.parse(line) as { returnPath?: unknown }).returnPath; // The log has one JSON object a line.
}

void t.test("where /proc/sys is read-only, the app sees its clients' addresses all the same", async (t) => {
  for (const backend of ["tproxy", "redirect"] as const)
    await t.test(`with ${backend}`, async (t) => {
      await using scene = await scripted("readonly");
      await using steal = await stealBy(readOnlySysctl, scene, "--redirect", backend);
      t.equal(steal.ready.backend, backend);
      t.equal(returnPathOf(scene.runtimeDirectory), "conntrack-mark");
      await matchingRequestsAreStolen(t, scene);
      await bystandersKeepTheirAddresses(t, scene);
    });
});
