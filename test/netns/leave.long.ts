import { setTimeout as delay } from "node:timers/promises";
import t, { type Test } from "tap";
import { agentLingerMs } from "../../src/client/session/index.ts";
import { type CallerOutcome, Callers } from "../fixtures/callers.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { partyAnswer, PartyApps } from "../fixtures/party-apps.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient, type RawConnection } from "../fixtures/raw-client.ts";
import { until } from "../fixtures/until.ts";
import { message } from "../fixtures/wire-messages.ts";

/** So often the last session leaves. */
const releases = Number(process.env["MAGPIE_TEST_RELEASES"] ?? 12);
const port = 8080;
const blue = [["x-tenant", "blue"]] as const;
const filter = ["--header", "^x-tenant: blue$"];

/** A pod whose app says who it is, and a local process that does. */
async function createStage(label: string) {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const made = stack.use(await createNamespaces({ label }));
  stack.use(await PartyApps.start({ namespace: made.pod, parties: [{ name: "app", host: "::", port }] }));
  const local = stack.use(await PartyApps.start({ parties: [{ name: "local", host: "127.0.0.1" }] }));
  const steal = (...args: string[]) => MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  const owned = stack.move();
  return {
    made,
    steal,
    localPort: local.ports[0] ?? 0,
    host: made.pod.address4,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Whether each request was answered, whole, and by somebody who may. */
function assertServed(
  t: Test,
  outcomes: readonly CallerOutcome[],
  mayAnswer: readonly (readonly string[])[],
): void {
  const faults = outcomes.filter(({ fault }) => fault !== undefined);
  t.same(faults.slice(0, 5), [], `${outcomes.length} requests, each answered`);
  const strays = outcomes.filter(({ request, who = "" }) => mayAnswer[request]?.includes(who) !== true);
  t.same(strays.slice(0, 5), [], "by somebody who may");
}

void t.test(`the last session leaves ${releases} times, and nobody's request is lost`, async (t) => {
  await using stage = await createStage("leave");
  const { made, host, localPort } = stage;
  await using callers = await Callers.start({
    namespace: made.client,
    host,
    port,
    lanes: [
      { kind: "raw", count: 16 },
      { kind: "node", count: 4 },
      { kind: "undici", count: 4 },
      { kind: "http2", count: 8 },
    ],
    requests: [
      { method: "GET", path: "/theirs" },
      { method: "POST", path: "/theirs", bodyBytes: 5_000 },
      { method: "POST", path: "/stream/6/50/theirs", bodyBytes: 100 },
      { method: "GET", path: "/mine", fields: blue },
      { method: "POST", path: "/mine", fields: blue, bodyBytes: 5_000 },
      { method: "GET", path: "/stream/6/50/mine", fields: blue },
    ],
    pace: { gapMs: [200, 2_000] },
    renewEvery: 4,
  });
  for (let release = 1; release <= releases; release++) {
    await using steal = await stage.steal("--port", `${port}:${localPort}`, ...filter);
    await callers.ended((await callers.count()) + 15);
    await steal.end();
    // Now the next session finds this agent, now it is leaving, and its connections ask once more through it.
    if (release % 2 === 0) await delay(agentLingerMs + 1_500);
  }
  const { outcomes, seen } = await callers.stop();
  const mayAnswer = [["app"], ["app"], ["app"], ...Array.from({ length: 3 }, () => ["app", "local"])];
  assertServed(t, outcomes, mayAnswer);
  t.ok(outcomes.filter(({ who }) => who === "local").length > releases, "some of them by the local process");
  t.match(seen, { idleResets: 0 }, "no connection was reset");
  t.ok(seen.closes > 0 && seen.goaways > 0, "they were told by close and GOAWAY");
  t.comment(seen);
});

void t.test(
  "curl, which keeps its connection for all its addresses, makes another one in between",
  async (t) => {
    await using stage = await createStage("leavecurl");
    const { made, host, localPort } = stage;
    const steal = await stage.steal("--port", `${port}:${localPort}`, ...filter);
    const urls = Array.from({ length: 40 }, (_, index) => `http://${host}:${port}/${index}`);
    const script = `curl -sv --rate 10/s ${urls.join(" ")}`;
    const curl = made.client.run("sh", "-c", script);
    await until(async () => /ESTAB/.test((await made.client.run("ss", "-Htn")).stdout), {
      what: "curl to connect",
    });
    await steal.end();
    const { code, stdout, stderr } = await curl;
    t.equal(code, 0);
    const answers = urls.map((_, index) =>
      partyAnswer("app", { method: "GET", path: `/${index}`, body: Buffer.alloc(0) }),
    );
    t.equal(stdout, answers.join(""));
    t.equal(
      stderr.match(/Closing connection|shutting down connection/gi)?.length,
      1,
      "once, behind an answer",
    );
    t.notMatch(stderr, /died|reset by peer|empty reply/i);
  },
);

void t.test("what is under way when its session leaves", async (t) => {
  await using stage = await createStage("leaveway");
  const { made, host, localPort } = stage;
  await using client = await RawClient.start({ namespace: made.client });
  await using echo = await RawApp.start({ namespace: made.pod, port: 5432, script: { echo: true } });
  await using raw = await RawApp.start({ host: "127.0.0.1", script: { echo: true } });
  const upgrade = message(["GET /chat HTTP/1.1", "Connection: Upgrade", "Upgrade: echo"]);
  const switched = message(["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo"]);
  const chatScript = { answers: [{ afterBytes: upgrade.length, chunks: [switched] }] };
  await using chat = await RawApp.start({ host: "127.0.0.1", script: chatScript });
  await using chatApp = await RawApp.start({ namespace: made.pod, port: 81, script: { echo: true } });
  await using steal = await stage.steal(
    ...["--port", `${port}:${localPort}`, "--port", `${echo.port}:${raw.port}`],
    ...["--port", `${chatApp.port}:${chat.port}`],
  );
  const open = async (to: number, first: string | Buffer): Promise<RawConnection> => {
    const connection = await client.open({ host, port: to });
    await connection.send({ chunks: [Buffer.from(first)] });
    return connection;
  };
  // Begun before, over after it has said that it leaves.
  const streaming = await open(port, message(["GET /stream/20/100/mine HTTP/1.1", "Host: pod"]));
  await streaming.read({ bytes: 80 });
  const uploadHead = message(["POST /up HTTP/1.1", "Host: pod", "Content-Length: 2000"]);
  const uploading = await open(port, uploadHead);
  await uploading.send("x".repeat(1_000));
  const stuck = await open(port, message(["GET /slow/60000/mine HTTP/1.1", "Host: pod"]));
  const bytes = await open(echo.port, "raw bytes");
  t.equal((await bytes.read({ bytes: 9 })).why, "bytes");
  const chatting = await open(chatApp.port, upgrade);
  t.equal((await chatting.read({ bytes: switched.length })).why, "bytes");
  const silent = await open(chatApp.port, upgrade);
  await silent.read({ bytes: switched.length });

  const leftMs = performance.now();
  steal.proc.signal("SIGINT");
  const { underWay, boundMs } = await steal.event("leaving");
  t.same([underWay, boundMs], [6, 10_000], "the bound is told");

  await t.test("its ports are the app's at once", async (t) => {
    // The command says that it leaves when it asks the agent, which takes a moment to do it.
    const isTheApps = async (): Promise<boolean> => {
      const chunks = [message(["GET /new HTTP/1.1", "Host: pod", "Connection: close"])];
      const { bytes: answer } = await client.exchange({ host, port, chunks, until: { idleMs: 200 } });
      return /\napp GET \/new 0\n$/.test(Buffer.from(answer).toString());
    };
    await until(isTheApps, { what: "the app's answer", timeoutMs: 1_000 });
    t.ok(await isTheApps());
  });

  await t.test("exchanges finish, whole", async (t) => {
    await uploading.send("x".repeat(1_000));
    const upload = partyAnswer("local", { method: "POST", path: "/up", body: Buffer.alloc(2_000, "x") });
    const answer = await uploading.read({ idleMs: 500, timeoutMs: 5_000 });
    t.match(Buffer.from(answer.bytes).toString(), upload);
    const stream = await streaming.read({ idleMs: 500, timeoutMs: 8_000 });
    t.match(Buffer.from(stream.bytes).toString(), /0\n$/);
    t.not(stream.why, "reset");
  });

  await t.test("until the bound what has no end goes on", async (t) => {
    await bytes.send("more");
    t.equal(Buffer.from((await bytes.read({ bytes: 4 })).bytes).toString(), "more");
  });

  await t.test("then it is ended with FIN, when its program ends", async (t) => {
    const ends = await Promise.all([bytes, chatting, silent].map((each) => each.read({ timeoutMs: 15_000 })));
    t.same(
      ends.map(({ why }) => why),
      ["fin", "fin", "fin"],
    );
    t.ok(performance.now() - leftMs > 9_000, "not before");
    for (const app of [raw, chat])
      t.equal((await app.record(0, { until: "ended" })).ended, "fin", "its program was told in good order");
  });

  await t.test("and an answer that has not begun is refused", async (t) => {
    const { bytes: answer, why } = await stuck.read({ timeoutMs: 5_000 });
    t.match(Buffer.from(answer).toString(), /^HTTP\/1\.1 502 /);
    t.equal(why, "fin");
  });
  t.equal((await steal.proc.exited).code, 0);
});
