import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { InspectorClient } from "../fixtures/inspector-client.ts";
import { beginMagpie, runMagpie } from "../fixtures/magpie-command.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { until } from "../fixtures/until.ts";

const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "alone" }));
stage.use(await HttpApp.start({ name: "app", namespace: pod, port: 80 }));
const local = stage.use(await HttpApp.start({ name: "local", host: "127.0.0.1" }));
const target = `netns:${pod.name}`;
const curl = (path: string, ...flags: string[]) =>
  client.run("curl", "-sS", "-m", "10", ...flags, `http://${pod.address4}${path}`);

/** Begins a command that serves a page, and gives the page with it. */
async function opened(...args: string[]) {
  const proc = stage.use(await beginMagpie(runtimeDirectory, ["inspect", ...args]));
  await until(() => proc.stdout.some((line) => line.startsWith("http://")), {
    what: "the URL",
    timeoutMs: 20_000,
  });
  const page = stage.use(new InspectorClient(proc.stdout.find((line) => line.startsWith("http://")) ?? ""));
  page.follow();
  return { proc, page };
}

void t.test("who has no session is told how to get one", async (t) => {
  const { code, errors } = await runMagpie(runtimeDirectory, ["inspect"]);
  t.equal(code, 1);
  t.match(errors, /no session of yours runs.*--inspect/s);
});

void t.test(
  "without a session of one's own a page looks on: heads and decisions, no content, nothing to send",
  async (t) => {
    const args = ["--port", `80:${local.port}`, "--header", "x-user: alice"];
    await using steal = await MagpieSteal.start({ pod, runtimeDirectory, args });
    const own = join(runtimeDirectory.path, `own-${process.geteuid?.()}`);
    await until(() => readdirSync(own).some((name) => name.endsWith(".sock")), { what: "the socket" });
    const socket = readdirSync(own).find((name) => name.endsWith(".sock")) ?? "";
    t.equal(statSync(join(own, socket)).mode & 0o777, 0o600);
    // As if it were somebody else's.
    for (const name of readdirSync(own)) if (name.endsWith(".json")) rmSync(join(own, name));
    await curl("/before");
    const { proc, page } = await opened("--target", target);
    await page.row(({ path }) => path === "/before", "what the agent remembers");
    await curl("/theirs", "-H", "x-user: alice");
    const row = await page.row(({ path }) => path === "/theirs");
    t.match(row, { what: "passed", headsOnly: true, status: 200 });
    t.not(row.answeredBy, "the app");
    await until(() => page.state?.connection === "connected", { what: "the state" });
    t.match(page.state, {
      session: null,
      can: { sendTo: [], setFilter: false, hold: false, whyNot: /only looks on/ },
    });
    t.notMatch(JSON.stringify(await page.detail(row.id)), /"alice"/);
    proc.signal("SIGINT");
    t.equal((await proc.exited).code, 0);
    t.ok(steal.agentPid > 0);
  },
);

void t.test("a program under exec is inspected, too", async (t) => {
  const program = ["node", "-e", "require('http').createServer((q,s)=>s.end('exec')).listen(80,'0.0.0.0')"];
  await using exec = await MagpieSteal.begin({
    pod,
    runtimeDirectory,
    command: "exec",
    args: ["--steal", "--inspect", "--", ...program],
  });
  using page = new InspectorClient(String((await exec.event("inspector"))["url"]));
  page.follow();
  await exec.event("port", { fits: ({ requests }) => requests !== null });
  t.equal((await curl("/exec")).stdout, "exec");
  const row = await page.row(({ path, state }) => path === "/exec" && state === "over");
  t.match(row, { what: "stolen", answeredBy: "here", status: 200 });
  t.equal((await page.body(row.id, "answer")).toString(), "exec");
  const { id } = await page.ask<{ id: number }>("POST", `/api/requests/${row.id}/replay`, { to: "local" });
  await page.row((one) => one.id === id && one.state === "over");
  t.equal((await page.body(id, "answer")).toString(), "exec");
});

void t.test("a HAR file is looked at", async (t) => {
  const file = join(runtimeDirectory.path, "one.har");
  const entry = {
    startedDateTime: "2026-01-02T03:04:05.000Z",
    time: 12,
    request: { method: "GET", url: "https://shop.example/x", httpVersion: "HTTP/2", headers: [] },
    response: {
      status: 200,
      httpVersion: "HTTP/2",
      headers: [],
      content: { mimeType: "text/plain", text: "hi" },
    },
  };
  writeFileSync(file, JSON.stringify({ log: { entries: [entry, {}] } }));
  const { proc, page } = await opened("har", file);
  const row = await page.row(({ path }) => path === "/x");
  t.match(row, { source: "imported", status: 200 });
  t.equal((await page.body(row.id, "answer")).toString(), "hi");
  t.match(proc.stderr.join("\n"), /entry 2: .*skipped/);
  proc.signal("SIGINT");
  t.equal((await proc.exited).code, 0);
  const missing = await runMagpie(runtimeDirectory, ["inspect", "har", "/nowhere.har"]);
  t.equal(missing.code, 1);
  t.match(missing.errors, /\/nowhere\.har cannot be read/);
});
