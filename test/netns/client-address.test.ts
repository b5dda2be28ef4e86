import t from "tap";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const filter = ["--header", "^x-tenant: blue$", "--trace"];
const theirs = message(["GET /theirs HTTP/1.1", "Host: pod"]);
const mine = message(["GET /mine HTTP/1.1", match]);
const fromApp = answer(200, "from the app");
const fromLocal = answer(200, "from local");
const script = { answers: [{ afterBytes: theirs.length, chunks: [fromApp] }] };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

void t.test("the app sees who really calls, and where they called", async (t) => {
  await using scene = await Scene.create({ label: "address" });
  const { made, app, local, client } = scene;
  const { pod } = made;
  await pod.addAddress("10.77.0.9/24");
  await pod.addAddress("fd77::9/64");
  await using sidecar = await RawClient.start({ namespace: pod });
  await using onPodAddress = await RawApp.start({ namespace: pod, host: pod.address4, port: 8002, script });
  await using onPodAddress6 = await RawApp.start({ namespace: pod, host: pod.address6, port: 8003, script });
  await using onLoopback = await RawApp.start({ namespace: pod, host: "127.0.0.1", port: 8004, script });
  await using onLoopback6 = await RawApp.start({ namespace: pod, host: "::1", port: 8005, script });
  await app.setScript(script);
  await local.setScript({ answers: [{ afterBytes: mine.length, chunks: [fromLocal] }] });
  const ports = [80, 8002, 8003, 8004, 8005].flatMap((port) => ["--port", `${port}:${local.port}`]);
  await using steal = await scene.steal(...ports, ...filter);
  let requests = 0;

  const outside = [
    { from: "10.77.0.2", to: "10.77.0.1", app },
    { from: "10.77.0.3", to: "10.77.0.1", app },
    { from: "fd77::2", to: "fd77::1", app },
    { from: "fd77::3", to: "fd77::1", app },
    { from: "10.77.0.2", to: "10.77.0.9", app },
    { from: "fd77::2", to: "fd77::9", app },
    { from: "10.77.0.2", to: "10.77.0.1", app: onPodAddress },
    { from: "fd77::2", to: "fd77::1", app: onPodAddress6 },
  ];
  const inside = [
    { from: "127.0.0.1", to: "127.0.0.1", app },
    { from: "::1", to: "::1", app },
    { from: "10.77.0.1", to: "10.77.0.1", app },
    { from: "fd77::1", to: "fd77::1", app },
    { from: "10.77.0.9", to: "10.77.0.9", app },
    { from: "10.77.0.1", to: "10.77.0.9", app },
    { from: "fd77::9", to: "fd77::1", app },
    { from: "127.0.0.6", to: "127.0.0.1", app },
    { from: "127.0.0.6", to: "10.77.0.1", app },
    { from: "127.0.0.1", to: "10.77.0.1", app },
    { from: "10.77.0.1", to: "10.77.0.1", app: onPodAddress },
    { from: "127.0.0.1", to: "127.0.0.1", app: onLoopback },
    { from: "::1", to: "::1", app: onLoopback6 },
  ];
  const places = [
    ...outside.map((place) => ({ ...place, who: "a caller outside", caller: client })),
    ...inside.map((place) => ({ ...place, who: "a sidecar", caller: sidecar })),
  ];
  for (const { who, from, to, app, caller } of places) {
    await t.test(`${who} at ${from} calls ${to}:${app.port}`, async (t) => {
      await app.forget();
      const route = { host: to, port: app.port, localAddress: from };
      const { bytes, localPort } = await caller.exchange({
        ...route,
        chunks: [theirs],
        until: { bytes: fromApp.length },
      });
      t.equal(text(bytes), text(fromApp));
      const seen = await app.record(0, { until: "accepted" });
      t.equal(seen.peerAddress, from, "the app sees the caller's address");
      t.equal(`${seen.localAddress}:${seen.localPort}`, `${to}:${app.port}`, "and its own, as it was called");
      const peer = from.includes(":") ? `[${from}]:${localPort}` : `${from}:${localPort}`;
      await steal.decided((decision) => decision.peer === peer && decision.verdict === "original");

      const stolen = await caller.exchange({ ...route, chunks: [mine], until: { bytes: fromLocal.length } });
      t.equal(text(stolen.bytes), text(fromLocal), "and what matches is stolen");
      requests += 2;
    });
  }

  await t.test("each request was seen once: the agent's own connections come back to nobody", async (t) => {
    await steal.decided(() => true, { count: requests });
    t.equal(steal.decisions.length, requests);
    t.same([...new Set(steal.decisions.map(({ verdict }) => verdict))].toSorted(), ["original", "stolen"]);
  });
});

void t.test(
  "an app on loopback only answers callers outside, and it is told how it was reached",
  async (t) => {
    await using scene = await Scene.create({ label: "lo" });
    const { made, local, client, host } = scene;
    const options = { namespace: made.pod, host: "127.0.0.1", port: 8004, script };
    await using onLoopback = await RawApp.start(options);
    await using steal = await scene.steal("--port", `8004:${local.port}`, ...filter);
    const route = { host, port: onLoopback.port };
    const { bytes } = await client.exchange({ ...route, chunks: [theirs], until: { bytes: fromApp.length } });
    t.equal(text(bytes), text(fromApp));
    t.equal((await onLoopback.record(0, { until: "accepted" })).peerAddress, "127.0.0.1");
    const [decision] = await steal.decided(({ verdict }) => verdict === "original");
    t.match(decision?.reason, /listens on loopback only/);
  },
);

void t.test("connections to the app take no port that their caller might take next", async (t) => {
  await using scene = await Scene.create({ label: "ports" });
  const { made, app, client, to } = scene;
  await app.setScript(script);
  await using steal = await scene.steal(...filter);
  const range = (await made.client.run("cat", "/proc/sys/net/ipv4/ip_local_port_range")).stdout;
  const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
  for (let count = 0; count < 400; count++) {
    const connection = await client.open(to);
    await connection.send({ chunks: [theirs] });
    const { bytes } = await connection.read({ bytes: fromApp.length, timeoutMs: 2_000 });
    t.equal(text(bytes), text(fromApp));
  }
  const records = await app.records();
  t.equal(records.length, 400);
  t.same(
    records.filter(({ peerPort }) => peerPort >= low && peerPort <= high),
    [],
  );
  t.ok(records.every(({ peerAddress }) => peerAddress === made.client.address4));
  t.equal((await steal.decided(() => true, { count: 400 })).length, 400);
});

for (const backend of ["tproxy", "redirect", "iptables"] as const) {
  void t.test(`${backend}: the agent's own ports serve nobody as a proxy`, async (t) => {
    await using scene = await Scene.create({ label: `proxy${backend}` });
    const { made, app, local, client } = scene;
    await using steal = await scene.steal("--redirect", backend, ...filter);
    await using sidecar = await RawClient.start({ namespace: made.pod });
    const { stdout } = await made.pod.run("ss", "-Hltnp");
    const own = stdout.split("\n").filter((line) => line.includes(`pid=${steal.agentPid},`));
    const ports = new Set(own.map((line) => Number(/:(\d+)\s/.exec(line)?.[1])));
    t.ok(ports.size >= 2, `it listens on ${[...ports].join(", ")}`);
    t.ok(ports.has(steal.ready.agentPort));
    await app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
    await local.setScript({ answers: [{ afterBytes: 1, chunks: [fromLocal] }] });
    const asked = [
      message(["GET http://10.77.0.1:80/ HTTP/1.1", "Host: 10.77.0.1", match]),
      message(["CONNECT 10.77.0.1:80 HTTP/1.1", "Host: 10.77.0.1:80"]),
      message([
        "GET /tunnel HTTP/1.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ]),
    ];
    for (const port of ports) {
      for (const host of [made.pod.address4, made.pod.address6]) {
        const seen = await client.exchange({ host, port, chunks: [theirs], until: { timeoutMs: 2_000 } });
        t.equal(text(seen.bytes), "", `${host}:${port} says nothing to the outside`);
        t.equal(seen.why, "reset");
      }
      for (const host of ["127.0.0.1", made.pod.address4]) {
        for (const request of asked) {
          const seen = await sidecar.exchange({
            host,
            port,
            chunks: [request],
            until: { idleMs: 300, timeoutMs: 2_000 },
          });
          t.match(
            text(seen.bytes),
            /^(HTTP\/1\.1 40[014] |$)/,
            `${host}:${port} opens for nobody without a ticket`,
          );
        }
      }
    }
    t.same(
      [...(await app.records()), ...(await local.records())].filter(({ received }) => received.length > 0),
      [],
      "neither the app nor the local process was reached",
    );
  });
}
