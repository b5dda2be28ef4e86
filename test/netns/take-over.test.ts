import t from "tap";
import { isBusy, parseEstablished } from "../../src/agent/redirect/take-over.ts";
import { MagpieSteal } from "../fixtures/magpie-steal.ts";
import { RawApp, type RawAnswer } from "../fixtures/raw-app.ts";
import { RawClient, type RawConnection } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const header = ["--header", "^x-tenant: blue$"];
const get = message(["GET /theirs HTTP/1.1"]);
const stolenGet = message(["GET /mine HTTP/1.1", "x-tenant: blue"]);
const theirs = answer(200, "theirs");
const mine = answer(200, "mine");

/** Answers the requests of one connection, whose lengths are these, one by one. */
function answering(requests: readonly Buffer[]): { answers: RawAnswer[] } {
  let afterBytes = 0;
  const answers = requests.map((request) => {
    afterBytes += request.length;
    return { afterBytes, chunks: [theirs] };
  });
  return { answers };
}

async function ask(connection: RawConnection, request: Buffer): Promise<string> {
  await connection.send({ chunks: [request] });
  const { bytes, why } = await connection.read({ bytes: mine.length });
  return why === "bytes" ? (Buffer.from(bytes).toString("latin1").split("\r\n").at(-1) ?? "") : why;
}

void t.test("without --take-over, a connection that was there before stays the app's", async (t) => {
  await using scene = await Scene.create({ label: "stay" });
  const { app, local, client, to, made } = scene;
  await app.setScript(answering([get, stolenGet, get]));
  await local.setScript(answering([stolenGet]));
  await using sidecar = await RawClient.start({ namespace: made.pod });
  const places = [
    { name: "IPv4", connection: await client.open(to) },
    { name: "IPv6", connection: await client.open({ ...to, host: made.pod.address6 }) },
    { name: "loopback", connection: await sidecar.open({ host: "127.0.0.1", port: to.port }) },
  ];
  for (const { connection } of places) t.equal(await ask(connection, get), "theirs");
  await using steal = await scene.steal(...header);
  await local.setScript({ answers: [{ afterBytes: stolenGet.length, chunks: [mine] }] });
  const later = await client.open(to);
  t.equal(await ask(later, stolenGet), "mine", "a new connection is stolen from");
  for (const { name, connection } of places) {
    t.equal(await ask(connection, stolenGet), "theirs", `${name}: even a request that matches`);
    t.equal(await ask(connection, get), "theirs", `${name}: and the next`);
  }
  t.equal((await local.records()).length, 1);
  t.ok(steal.proc.running);
});

void t.test("with --take-over", async (t) => {
  await using scene = await Scene.create({ label: "over" });
  const { app, client, to, made } = scene;
  await using other = await RawApp.start({ namespace: made.pod, port: 81, script: answering([get, get]) });
  await using sidecar = await RawClient.start({ namespace: made.pod });
  const to6 = { ...to, host: made.pod.address6 };
  const open = async (name: string, at: { host: string; port: number }, by = client) => {
    const connection = await by.open(at);
    return { name, connection };
  };

  // It starts the agent, so that little time is lost between the last request and the take-over.
  await using first = await scene.steal("--port", `82:${scene.local.port}`);
  await app.setScript(answering([get]));
  const idle = [
    await open("IPv4", to),
    await open("IPv6", to6),
    await open("loopback", { ...to, host: "127.0.0.1" }, sidecar),
  ];
  for (const { connection } of idle) t.equal(await ask(connection, get), "theirs");
  idle.push(await open("one that never said anything", to));
  const elsewhere = await client.open({ ...to, port: other.port });
  t.equal(await ask(elsewhere, get), "theirs");

  const late = { afterBytes: get.length, chunks: [Buffer.alloc(0), theirs], gapMs: 4_500 };
  const again = { afterBytes: 2 * get.length, chunks: [Buffer.alloc(0), theirs], gapMs: 2_000 };
  const body = Array.from({ length: 24 }, (_, index) => Buffer.alloc(1, 97 + index));
  const streamed = [message(["HTTP/1.1 200 Fine", `Content-Length: ${body.length}`]), ...body];
  await app.queueScripts([
    { answers: [late] },
    { answers: [late] },
    { answers: [{ afterBytes: get.length, chunks: streamed, gapMs: 150 }] },
    { answers: [...answering([get]).answers, again] },
  ]);
  const busy = [
    { ...(await open("a request without an answer", to)), answerBytes: theirs.length },
    { ...(await open("the same over IPv6", to6)), answerBytes: theirs.length },
    { ...(await open("an answer that is slow", to)), answerBytes: Buffer.concat(streamed).length },
  ];
  for (const { connection } of busy) await connection.send({ chunks: [get] });
  // Its answer and its next request fall within one tick of the kernel's clock, mostly.
  const asking = { ...(await open("a request right behind an answer", to)), answerBytes: theirs.length };
  await asking.connection.send({ chunks: [get] });
  await asking.connection.read({ bytes: theirs.length });
  await asking.connection.send({ chunks: [get] });
  busy.push(asking);
  await using steal = await scene.steal(...header, "--take-over");

  await t.test("idle connections are reset", async (t) => {
    for (const { name, connection } of idle)
      t.equal((await connection.read({ timeoutMs: 8_000 })).why, "reset", name);
  });

  await t.test("busy ones end after their exchange, and not before", async (t) => {
    for (const { name, connection, answerBytes } of busy) {
      const { bytes, why } = await connection.read({ timeoutMs: 15_000 });
      t.same([bytes.length, why], [answerBytes, "reset"], name);
    }
  });

  await t.test("those to other ports are not touched", async (t) => {
    t.equal(await ask(elsewhere, get), "theirs");
  });

  await t.test("what is ended is told, with what is busy still", async (t) => {
    const notice = await steal.event("notice", { fits: ({ code }) => code === "take-over" });
    t.match(
      notice["message"],
      /^ended \d idle connections to port 80; \d are busy and end after their exchange$/,
    );
  });

  await t.test("connections of the agent are not touched, on either side", async (t) => {
    await app.setScript(answering([get, get]));
    const through = [await client.open(to), await client.open(to6)];
    for (const connection of through) t.equal(await ask(connection, get), "theirs");
    await using second = await MagpieSteal.start({
      pod: made.pod,
      runtimeDirectory: scene.runtimeDirectory,
      args: ["--port", `80:${scene.local.port}`, "--header", "^x-tenant: red$", "--take-over"],
    });
    t.equal(second.agentPid, first.agentPid, "one agent serves all");
    // Longer than any idle connection of the app is left alone.
    const silence = through.map((connection) => connection.read({ timeoutMs: 4_500 }));
    for (const { why } of await Promise.all(silence)) t.equal(why, "timeout");
    for (const connection of through) t.equal(await ask(connection, get), "theirs");
  });
});

void t.test("a connection is busy", (t) => {
  const queues = (text: string) => `${text} 10.77.0.1:80 10.77.0.2:37428 ino:5 sk:1f <-> ts sack bbr`;
  const seen = (line: string) => parseEstablished(`${line} rcv_space:65483 minrtt:0.022\n`).map(isBusy);
  const quiet = (sent: number, received: number) =>
    seen(`${queues("0      0")} lastsnd:${sent} lastrcv:${received} lastack:${sent}`);
  t.same(quiet(60_000, 59_000), [true], "when the client spoke last, however long ago");
  t.same(quiet(1_100, 2_000), [false], "no more when the app spoke last and has been quiet for a while");
  t.same(quiet(400, 2_000), [true], "while the app has just spoken");
  t.same(quiet(2_900, 2_900), [true], "for longer when it cannot be told who spoke last");
  t.same(quiet(3_100, 3_100), [false]);
  t.same(seen(queues("0      0")), [true], "when both spoke just now: fields that are 0 are left out");
  t.same(seen(`${queues("7      0")} lastsnd:9000 lastrcv:9500`), [true], "while the app has bytes to read");
  t.same(
    seen(`${queues("0      7")} lastsnd:9000 lastrcv:9500`),
    [true],
    "while the client has bytes to read",
  );
  t.end();
});
