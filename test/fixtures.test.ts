import t from "tap";
import { seededRandom, splitAt, splitEvery, splitRandomly } from "./fixtures/byte-splits.ts";
import { HttpApp, type HttpAppAnswer } from "./fixtures/http-app.ts";
import { Load, nowMs } from "./fixtures/load.ts";
import { createNamespaces } from "./fixtures/namespaces.ts";
import { inNamespace, isAlive, Proc } from "./fixtures/proc.ts";
import { RawApp } from "./fixtures/raw-app.ts";
import { RawClient } from "./fixtures/raw-client.ts";
import { readImports } from "./fixtures/source-tree.ts";
import { until } from "./fixtures/until.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytes = (value: string): Buffer => Buffer.from(value, "latin1");

void t.test("cuts of bytes lose nothing and stay in order", async (t) => {
  const all = bytes("0123456789");
  t.same(splitAt(all, [0, 3, 3, 99]).map(text), ["012", "3456789"]);
  t.same(splitEvery(all, 4).map(text), ["0123", "4567", "89"]);
  const random = seededRandom(7);
  for (let round = 0; round < 100; round++) {
    const pieces = splitRandomly(all, { cuts: 5, random });
    t.equal(text(Buffer.concat(pieces)), "0123456789");
    t.ok(pieces.every((piece) => piece.length > 0));
  }
});

void t.test("imports of a source are found in every form, and never in comments", async (t) => {
  // In pieces, or the sources of this file would have these imports too.
  const source = [
    'import a, { type B } from "./a.ts";',
    ["import * as b from 'node:fs'; import", '"./effect.ts";'].join(" "),
    "import type { C } from '../c.ts';",
    'import { type D, type E } from "package/deep";',
    '// import { no } from "./no.ts";',
    '/* import "./never.ts" */',
    'export { f } from "./f.ts";',
    'export * from "./g.ts";',
    'export type { H } from "./h.ts";',
    "const late = await import".concat('("./late.ts"), text = "https://x.y/z";'),
  ].join("\n");
  const found = readImports("src/room/file.ts", source);
  t.same(found.map(({ specifier, typeOnly }) => `${typeOnly ? "type " : ""}${specifier}`).toSorted(), [
    ...["./a.ts", "./effect.ts", "./f.ts", "./g.ts", "./late.ts", "node:fs"],
    ...["type ../c.ts", "type ./h.ts", "type package/deep"],
  ]);
  t.equal(found.find(({ specifier }) => specifier === "../c.ts")?.file, "src/c.ts");
});

void t.test("a process: past lines are found, its end explains a missing one", async (t) => {
  await using proc = await Proc.start({
    command: ["sh", "-c", "echo one; echo two >&2; read x; echo got $x"],
  });
  await proc.line(/^one$/);
  const [, word] = await proc.line(/^(tw.)$/);
  t.equal(word, "two");
  t.ok(proc.rssBytes() > 100_000);
  t.ok(proc.openFiles() >= 3);
  proc.write("this\n");
  await proc.line(/^got this$/);
  await t.rejects(proc.line(/^never$/), /no line .*never.*: it ended with 0/);
  t.same(await proc.exited, { code: 0, signal: null });
  await t.rejects(Proc.start({ command: ["/does/not/exist"] }), { code: "ENOENT" });
});

void t.test("a process: its end is seen though a child of it lives on", async (t) => {
  const proc = await Proc.start({ command: ["sh", "-c", "sleep 20 & echo $!; exit 4"] });
  const child = Number((await proc.line(/^(\d+)$/))[1]);
  t.same(await proc.exited, { code: 4, signal: null });
  process.kill(child, "SIGKILL");
});

void t.test("a process: a pause stops it, a kill ends it", async (t) => {
  const proc = await Proc.start({ command: ["sh", "-c", "echo $$; while read x; do echo $x; done"] });
  t.equal(Number((await proc.line(/^(\d+)$/))[1]), proc.pid);
  proc.pause();
  proc.write("late\n");
  await t.rejects(proc.line(/^late$/, { timeoutMs: 50 }), /50 ms passed/);
  proc.resume();
  await proc.line(/^late$/);
  t.same(await proc.kill(), { code: null, signal: "SIGKILL" });
  t.equal(isAlive(proc.pid), false);
});

void t.test("namespaces: both families answer at once, and nothing is left", async (t) => {
  let strayPid = 0;
  let names: string[] = [];
  {
    await using made = await createNamespaces();
    names = [made.client.name, made.pod.name];
    await using app = await HttpApp.start({ name: "app", namespace: made.pod, port: 80 });
    t.equal(app.port, 80);
    await made.pod.waitForListener(80);
    t.equal(await made.client.listens(80), false);
    await made.client.addAddress("10.77.0.9/24");
    const routes = [
      { url: "http://10.77.0.1/x?y=1", from: "10.77.0.2" },
      { url: "http://10.77.0.1/", from: "10.77.0.9" },
      { url: "http://10.77.0.1/", from: made.secondAddress4 },
      { url: "http://[fd77::1]/", from: "fd77::2" },
      { url: "http://[fd77::1]/", from: made.secondAddress6 },
    ];
    for (const { url, from } of routes) {
      const { stdout } = await made.client.run("curl", "-sS", "-H", "X-Case: Kept", "--interface", from, url);
      const answer = JSON.parse(stdout) as HttpAppAnswer; // The fixture's own answer.
      t.equal(answer.who, "app");
      t.equal(answer.peerAddress, from);
      t.equal(answer.localPort, 80);
      t.ok(answer.rawHeaders.includes("X-Case"));
    }
    t.same((await made.pod.run("sh", "-c", "echo no >&2; exit 3")).code, 3);
    // Somebody else's process in the namespace, as an agent is.
    const [shell, ...rest] = inNamespace(made.pod.name, ["sh", "-c", "setsid sleep 60 & echo $!"]);
    const stray = await Proc.start({ command: [shell, ...rest] });
    strayPid = Number((await stray.line(/^(\d+)$/))[1]);
    await until(async () => (await made.pod.pids()).includes(strayPid), { what: "the stray process" });
  }
  await until(() => !isAlive(strayPid), { what: "the stray process to be gone" });
  await using list = await Proc.start({ command: ["ip", "netns", "list"] });
  await list.exited;
  for (const name of names) t.notMatch(list.output(), name);
});

void t.test("namespaces: an abrupt end of their owner removes them", async (t) => {
  const script = `
    const { createNamespaces } = await import(${JSON.stringify(new URL("fixtures/namespaces.ts", import.meta.url).href)});
    const made = await createNamespaces({ label: "abrupt" });
    console.log("made " + made.pod.name);
    setInterval(() => {}, 1000);`;
  await using owner = await Proc.start({ command: [process.execPath, "--input-type=module", "-e", script] });
  const [, name = ""] = await owner.line(/^made (.*)$/);
  owner.signal("SIGTERM");
  t.same(await owner.exited, { code: 143, signal: null });
  await using list = await Proc.start({ command: ["ip", "netns", "list"] });
  await list.exited;
  t.notMatch(list.output(), name);
});

void t.test("raw app and raw client: exact bytes both ways, scripted", async (t) => {
  await using made = await createNamespaces();
  await using app = await RawApp.start({ namespace: made.pod, port: 7000 });
  await using client = await RawClient.start({ namespace: made.client });
  const route = { host: "10.77.0.1", port: 7000 };
  const request = bytes("GET /\0 anything \xff\r\n\r\n");

  await app.queueScripts([
    {
      answers: [{ afterBytes: request.length, chunks: [bytes("an"), bytes("swer")], gapMs: 1, then: "end" }],
    },
    { greeting: bytes("220 hello\r\n"), staysOpen: true },
    { answers: [{ afterBytes: 1, chunks: [bytes("x")], then: "reset" }] },
  ]);
  const answered = await client.exchange({
    ...route,
    chunks: splitEvery(request, 5),
    localAddress: made.secondAddress4,
  });
  t.equal(text(answered.bytes), "answer");
  t.equal(answered.why, "fin");
  const record = await app.record(0);
  t.equal(text(record.received), text(request));
  t.equal(record.peerAddress, made.secondAddress4);
  t.equal(record.peerPort, answered.localPort);
  t.equal(record.localPort, 7000);

  const greeted = await client.open(route);
  t.equal(text((await greeted.read({ bytes: 11 })).bytes), "220 hello\r\n");
  await greeted.send({ chunks: [bytes("bye")], then: "end" });
  const halfClosed = await app.record(1, { until: "ended" });
  t.same([text(halfClosed.received), halfClosed.ended, halfClosed.closed], ["bye", "fin", false]);
  t.equal((await greeted.read({ idleMs: 20, timeoutMs: 50 })).why, "timeout");
  await greeted.close();

  const broken = await client.exchange({ ...route, chunks: [bytes("?")] });
  t.equal(broken.why, "reset");
  t.equal(broken.errorCode, "ECONNRESET");

  await app.setScript({ echo: true });
  const echoed = await client.exchange({
    host: "fd77::1",
    port: 7000,
    chunks: [bytes("echo")],
    until: { idleMs: 50 },
  });
  t.same([text(echoed.bytes), echoed.why], ["echo", "idle"]);
  t.equal((await app.records()).length, 4);

  const refused = await client.exchange({ host: "10.77.0.1", port: 7001, chunks: [] });
  t.same([refused.why, refused.errorCode], ["reset", "ECONNREFUSED"]);
  await t.rejects(client.open({ host: "10.77.0.1", port: 7001 }), /ECONNREFUSED/);
  await t.rejects(app.record(9, { timeoutMs: 20 }), /connection 9 is not closed after 20 ms: 4 connections/);
});

void t.test("raw app: a deaf one lets its peer run into back-pressure", async (t) => {
  await using app = await RawApp.start({ host: "127.0.0.1", script: { deaf: true } });
  await using client = await RawClient.start();
  const connection = await client.open({ host: "127.0.0.1", port: app.port });
  const sending = connection.send({ chunks: [Buffer.alloc(32 << 20)] });
  const first = await Promise.race([sending.then(() => "sent"), connection.read({ timeoutMs: 200 })]);
  t.match(first, { why: "timeout" });
  await connection.close();
  await sending;
});

void t.test("load: every request has an outcome, kept or fresh connections, failures by code", async (t) => {
  await using app = await HttpApp.start({ name: "app", host: "127.0.0.1" });
  const plan = { host: "127.0.0.1", port: app.port, connections: 4, ratePerSecond: 400 };

  await using kept = await Load.start({ ...plan, count: 60 });
  await kept.ended(60);
  const { outcomes } = await kept.stop();
  t.equal(outcomes.length, 60);
  t.ok(outcomes.every((outcome) => outcome.status === 200 && outcome.who === "app" && !outcome.errorCode));
  t.equal(outcomes.filter((outcome) => !outcome.reused).length, 4);

  await using fresh = await Load.start({ ...plan, fresh: true });
  await fresh.ended(20);
  await app.proc.kill();
  const goneAtMs = nowMs();
  await fresh.ended(80);
  const after = (await fresh.stop()).outcomes.filter((outcome) => outcome.sentAtMs > goneAtMs);
  t.ok(after.length > 0);
  t.ok(after.every((outcome) => outcome.errorCode === "ECONNREFUSED" && !outcome.reused));
});
