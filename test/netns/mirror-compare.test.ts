import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { SummaryReport } from "../../src/client/compare/index.ts";
import { freePort } from "../client/incoming/local-app.ts";
import { GrpcCaller } from "../fixtures/grpc-client.ts";
import { GrpcApp } from "../fixtures/grpc-server.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { ShopApp } from "../fixtures/shop-app.ts";

// One pod for all tests, with an app for each protocol: making it costs more than most tests.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "compare" }));
const variant = "original";
const [app, app2, grpcApp] = await Promise.all([
  ShopApp.start({ variant, namespace: pod, port: 80 }),
  ShopApp.start({ variant, protocol: "http2", namespace: pod, port: 81 }),
  GrpcApp.start({ name: "original", namespace: pod, port: 82 }),
]);
for (const one of [app, app2, grpcApp]) stage.use(one);

async function mirror(...args: string[]): Promise<MagpieSteal> {
  return await MagpieSteal.start({ pod, runtimeDirectory, command: "mirror", args, timeoutMs: 30_000 });
}

/** The status that the caller gets, or curl's exit code. */
async function ask(path: string, ...flags: string[]): Promise<string> {
  const port = flags.includes("--http2-prior-knowledge") ? 81 : 80;
  const url = `http://${pod.address4}:${port}${path}`;
  const format = ["-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"] as const;
  const { code, stdout } = await client.run("curl", ...format, ...flags, url);
  return code === 0 ? stdout : `curl ${code}`;
}

/** What a session has told by its end. */
async function ended(session: MagpieSteal) {
  const { code } = await session.proc.exited;
  const report = session.told("summary")[0]?.["report"] as SummaryReport; // As documented.
  return { code, report, copies: session.told("copies").at(-1), comparisons: session.told("comparison") };
}

/** The rules that counted, but for those for all: two answers may be of one second, or of two. */
function learned(report: SummaryReport) {
  return report.rules.filter(({ by }) => by === "noise");
}

async function end(session: MagpieSteal) {
  await session.end();
  return await ended(session);
}

void t.test(
  "what differs between two answers of the app is no difference; nothing unsafe is asked twice",
  async (t) => {
    await using local = await ShopApp.start({ variant: "local" });
    await using session = await mirror("--port", `80:${local.port}`, "--compare");
    const before = app.requests.length;
    for (const path of ["/items/1", "/items/2", "/items/3"]) t.equal(await ask(path), "200");
    t.equal(await ask("/orders", "-X", "POST", "-d", "x=1"), "201");
    await session.event("comparison");
    const { code, report, copies, comparisons } = await end(session);
    t.equal(code, 3);
    t.match(comparisons, [{ method: "POST", target: "/orders", verdict: "differs" }]);
    t.match(comparisons[0]?.["differences"], [{ place: "status", original: "201", local: "500" }]);
    t.match(report, { pairs: { total: 4, same: 3, differs: 1 } });
    t.match(learned(report), [{ rule: "body/at" }]);
    t.match(copies, { sent: 4, dropped: 0, failed: 0, skipped: 0, unanswered: 0 });
    const seen = app.requests.slice(before);
    t.equal(seen.filter(({ method }) => method === "POST").length, 1);
    t.ok(seen.length > 4 && seen.length <= 4 + 3, `${seen.length} requests`);
    t.ok(
      seen.every(({ mark }) => mark === undefined),
      "the app sees no mark",
    );
    t.ok(
      local.requests.every(({ mark }) => mark !== undefined),
      "the program does",
    );
  },
);

void t.test(
  "with --no-learn the app hears every request once, and rules say what does not count",
  async (t) => {
    await using local = await ShopApp.start({ variant: "local" });
    const before = app.requests.length;
    await using session = await mirror(
      "--port",
      `80:${local.port}`,
      "--compare",
      "--no-learn",
      "--ignore",
      "/at",
    );
    for (const path of ["/items/1", "/items/2"]) t.equal(await ask(path), "200");
    await local.had(2);
    const { code, report } = await end(session);
    t.equal(code, 0);
    t.match(report, { verdict: "same", pairs: { total: 2 }, hidden: { rule: 2, noise: 0 } });
    t.equal(app.requests.length - before, 2);
  },
);

void t.test("the report is a file, and no secret is in it nor in anything that is printed", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "magpie-report-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  await using local = await ShopApp.start({ variant: "local" });
  const args = ["--port", `80:${local.port}`, "--compare", "--report", join(directory, "diff.json")];
  await using session = await mirror(...args);
  t.equal(await ask("/secret?token=hush-query"), "200");
  t.equal(await ask("/wrong"), "200");
  await session.event("comparison", { fits: ({ target }) => target === "/wrong" });
  const { code, report } = await end(session);
  t.equal(code, 3);
  t.same(readdirSync(directory), ["diff.json"]);
  const text = readFileSync(join(directory, "diff.json"), "utf8");
  t.same(JSON.parse(text), report);
  t.match(report.routes.find(({ route }) => route === "GET /wrong")?.places, [
    { place: "body/price", answers: 1, example: { original: "12", local: "13" } },
  ]);
  t.match(report.routes.find(({ route }) => route === "GET /secret")?.pairs, { differs: 1 });
  t.notMatch(text, /hush/);
  t.notMatch(session.proc.output(), /hush/);
});

void t.test("people read a line for what differs, the counts, and a summary after Ctrl-C", async (t) => {
  await using local = await ShopApp.start({ variant: "local" });
  const args = ["--port", `80:${local.port}`, "--compare", "--output", "text"];
  await using session = await MagpieSteal.begin({ pod, runtimeDirectory, command: "mirror", args });
  await session.proc.line(/mirroring every request of/);
  t.equal(await ask("/wrong"), "200");
  await session.proc.line(/GET \/wrong differs: body\/price 12 → 13$/);
  session.proc.signal("SIGINT");
  t.equal((await session.proc.exited).code, 3);
  const said = session.proc.output();
  t.match(said, /copies: 1 sent, 0 dropped, 0 failed, 0 skipped/);
  t.match(said, /Compared 1 answer with the original's: it differs\./);
  t.match(said, /left; no copies are made any more/);
});

void t.test("at its bound a mirror ends by itself, when all that it was given is compared", async (t) => {
  await using local = await ShopApp.start({ variant: "local" });
  const counted = await mirror("--port", `80:${local.port}`, "--compare", "--max-requests", "3");
  for (const path of ["/items/1", "/items/2", "/items/3", "/wrong"]) t.equal(await ask(path), "200");
  const { code, report, copies } = await ended(counted);
  t.equal(code, 0);
  t.match(report, { pairs: { total: 3, same: 3 } });
  t.match(copies, { sent: 3 });
  t.match(await counted.event("ended"), { code: "bound-reached" });
  const timed = await mirror("--port", `80:${local.port}`, "--compare", "--for", "1500ms");
  t.equal(await ask("/wrong"), "200");
  t.match(await ended(timed), { code: 3, report: { pairs: { total: 1, differs: 1 } } });
});

void t.test("what came of comparing is told before the last line, however the session ends", async (t) => {
  await using local = await ShopApp.start({ variant: "local" });
  for (const [how, code] of [
    ["Ctrl-C twice", 128 + 2],
    ["a killed agent", 1],
  ] as const) {
    await using session = await mirror("--port", `80:${local.port}`, "--compare", "--no-learn");
    t.equal(await ask("/wrong"), "200");
    await session.event("comparison");
    t.equal(await ask("/hang"), "200");
    await session.event("copies", { fits: ({ sent }) => sent === 2 });
    if (how === "a killed agent") process.kill(session.ready.agentPid, "SIGKILL");
    else {
      session.proc.signal("SIGINT");
      await session.event("leaving");
      await new Promise((resolve) => setTimeout(resolve, 300)); // sooner, it would count as the same key
      session.proc.signal("SIGINT");
    }
    t.match(await ended(session), { code, report: { pairs: { total: 1, differs: 1 } } }, how);
    t.match(session.proc.stdout.at(-1), /^\{"event":"ended"/, how);
  }
});

void t.test("nothing compared is no success", async (t) => {
  await using local = await ShopApp.start({ variant: "local" });
  await using session = await mirror(
    "--port",
    `80:${local.port}`,
    "--compare",
    "--path",
    "^/nobody-asks-this",
  );
  t.equal(await ask("/items/1"), "200");
  const { code, report } = await end(session);
  t.equal(code, 4);
  t.match(report, { verdict: "nothing-compared", pairs: { total: 0 } });
});

void t.test("a program that is not there fails copies, and the app answers as ever", async (t) => {
  await using session = await mirror("--port", `80:${await freePort()}`, "--compare");
  for (const path of ["/items/1", "/items/2", "/items/3"]) t.equal(await ask(path), "200");
  await session.event("copies", { fits: ({ failed }) => failed === 3 });
  const { code, report } = await end(session);
  t.equal(code, 4);
  t.match(report, { pairs: { total: 3, incomparable: 3 } });
  const why = report.incomparable.find((found) => found.code === "local-none");
  t.match(why, { answers: 3, example: /ECONNREFUSED/ });
});

void t.test(
  "a program that stands still or never answers costs its callers nothing, and its time ends",
  async (t) => {
    await using local = await ShopApp.start({ variant: "local" });
    await using session = await mirror("--port", `80:${local.port}`, "--compare", "--copy-timeout", "700ms");
    t.equal(await ask("/hang"), "200");
    local.proc.signal("SIGSTOP");
    const since = performance.now();
    for (let count = 0; count < 10; count++) t.equal(await ask(`/items/${count}`), "200");
    t.ok(performance.now() - since < 10_000, "nobody has waited for it");
    await session.event("copies", { fits: ({ unanswered }) => unanswered === 11 });
    local.proc.signal("SIGCONT");
    const { code, report } = await end(session);
    t.equal(code, 4);
    t.match(report, {
      pairs: { total: 11, incomparable: 11 },
      incomparable: [{ code: "local-none", answers: 11 }],
    });
  },
);

void t.test(
  "a program that dies in the middle ends the session, which says what it did not answer",
  async (t) => {
    const port = await freePort();
    const program = [process.execPath, fileURLToPath(new URL("../fixtures/shop-app.ts", import.meta.url))];
    const args = [
      "--port",
      `80:${port}`,
      "--compare",
      "--",
      ...program,
      "local",
      "http1",
      "127.0.0.1",
      `${port}`,
    ];
    await using session = await mirror(...args);
    await session.event("local", { fits: ({ state }) => state === "up" });
    t.equal(await ask("/items/1"), "200");
    t.equal(await ask("/die"), "200");
    const { code, report } = await ended(session);
    t.equal(code, 4, "what comparing has to say goes before the program's own 1");
    t.match(report, { pairs: { total: 2, same: 1, incomparable: 1 } });
    t.match(await session.event("ended"), { code: "program-ended" });
  },
);

void t.test("HTTP/2 is compared with HTTP/2 and with HTTP/1.1 by what is said", async (t) => {
  for (const protocol of ["http1", "http2"] as const) {
    await using local = await ShopApp.start({ variant: "local", protocol });
    await using session = await mirror("--port", `81:${local.port}`, "--compare");
    const before = app2.requests.length;
    t.equal(await ask("/items/1", "--http2-prior-knowledge"), "200", protocol);
    t.equal(await ask("/wrong", "--http2-prior-knowledge"), "200", protocol);
    await session.event("comparison");
    const { code, report, comparisons } = await end(session);
    t.equal(code, 3);
    t.match(report, { pairs: { same: 1, differs: 1 } }, protocol);
    t.match(learned(report), [{ rule: "body/at" }], protocol);
    t.same(
      comparisons.flatMap(({ differences }) => differences),
      [{ kind: "changed", place: "body/price", original: "12", local: "13" }],
      protocol,
    );
    t.ok(app2.requests.length - before <= 2 + 4, "asked again three times at most for each route");
    t.ok(
      local.requests.every(({ mark }) => mark !== undefined),
      "copies are marked",
    );
  }
});

void t.test(
  "gRPC is compared by messages, metadata and trailers, and its metadata marks a copy",
  async (t) => {
    await using local = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
    await using session = await mirror(
      "--port",
      `82:${local.port}`,
      "--compare",
      "--ignore",
      "header:x-served-by",
    );
    await using caller = await GrpcCaller.start({ namespace: client });
    await caller.connect(`${pod.address4}:82`);
    const before = await grpcApp.count();
    const [answer] = await caller.call({ id: "add", method: "Add", messages: [Buffer.from("cup")] });
    t.equal(answer.code, 0);
    t.match(answer.trailing, [["t-served-by", "original"]]);
    const seen = await local.ended("add");
    t.ok(seen.metadata.some(([name]) => name === "magpie-mirror"));
    const [failed] = await caller.call({
      id: "fail",
      method: "Add",
      messages: [Buffer.from("cup")],
      metadata: [
        ["x-do", "fail"],
        ["x-code", "9"],
        ["x-details", "no cups"],
      ],
    });
    t.match(failed, { code: 9, details: "no cups" });
    await session.event("comparison", { fits: () => session.told("comparison").length === 2 });
    const { code, comparisons } = await end(session);
    t.equal(code, 3);
    t.same(
      comparisons.map(({ differences }) => differences),
      Array.from({ length: 2 }, () => [
        { kind: "changed", place: "trailer:t-served-by", original: "original", local: "local" },
      ]),
    );
    t.equal(await grpcApp.count(), before + 2, "a gRPC call is never made twice");
  },
);
