import { createHash } from "node:crypto";
import t from "tap";
import type { FilterPreview, InspectorState, Sent } from "../../src/client/inspector/page-contract.ts";
import { HttpApp, type HttpAppAnswer } from "../fixtures/http-app.ts";
import { InspectorClient } from "../fixtures/inspector-client.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";

const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const { pod, client } = stage.use(await createNamespaces({ label: "inspect" }));
const app = stage.use(await HttpApp.start({ name: "app", namespace: pod, port: 80 }));
const local = stage.use(await HttpApp.start({ name: "local", host: "127.0.0.1" }));
const steal = stage.use(
  await MagpieSteal.start({
    pod,
    runtimeDirectory,
    args: ["--port", `80:${local.port}`, "--header", "x-user: alice", "--inspect"],
  }),
);
const page = stage.use(new InspectorClient(String((await steal.event("inspector"))["url"])));
page.follow();

/** What curl printed. */
async function curl(path: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await client.run(
    "curl",
    "-sS",
    "-m",
    "15",
    ...flags,
    `http://${pod.address4}${path}`,
  );
  return code === 0 ? stdout : `curl ${code}: ${stderr}`;
}
const mine = ["-H", "x-user: alice"];
const who = (text: string): string => (JSON.parse(text) as HttpAppAnswer).who;
void app;

void t.test("a stolen request is recorded as it went, with the clause that decided", async (t) => {
  const body = Buffer.from("a=1&b=\u00e9");
  const answer = await curl("/one?x=1", ...mine, "--data-binary", body.toString());
  t.equal(who(answer), "local");
  const { id } = await page.row((row) => row.path === "/one?x=1" && row.because !== "");
  const row = page.rows.get(id);
  t.match(row, {
    method: "POST",
    status: 200,
    what: "stolen",
    answeredBy: "here",
    state: "over",
    kind: "http",
    port: 80,
  });
  t.match(row?.because, /alice/);
  t.ok((row?.durationMs ?? 0) > 0);
  const detail = await page.detail(id);
  t.same(await page.body(id, "request"), body);
  t.equal((await page.body(id, "answer")).toString(), answer);
  t.match(
    detail.request.headers.find(([name]) => name === "x-user"),
    ["x-user", "alice"],
  );
  t.match(detail.answer, { status: 200, version: "HTTP/1.1" });
  t.equal(detail.decision?.asked[0]?.matches, true);
  t.match(detail.curl, /curl .*\n?.*x-user: alice/s);
  t.same(
    detail.timings.map(({ name }) => name),
    ["to-local", "waiting", "answer"],
  );
});

void t.test("a request that passes is told by its head alone, without values", async (t) => {
  t.equal(who(await curl("/passes", "-H", "x-secret: s3cr3t")), "app");
  const { id } = await page.row((row) => row.path === "/passes");
  t.match(page.rows.get(id), {
    what: "passed",
    headsOnly: true,
    answeredBy: "the app",
    status: 200,
    state: "over",
  });
  const detail = await page.detail(id);
  t.equal(detail.request.valuesHidden, true);
  t.notMatch(JSON.stringify(detail), /s3cr3t/);
  t.equal((await page.raw("GET", `/api/requests/${id}/body?of=request`)).status, 410);
});

void t.test("a request is sent again, to the program and to the app, without being stolen", async (t) => {
  await curl("/again", ...mine, "-X", "PUT", "--data-binary", "content");
  const { id } = await page.row((row) => row.path === "/again");
  for (const [to, name] of [
    ["local", "local"],
    ["original", "app"],
  ] as const) {
    const sent = await page.ask<Sent>("POST", `/api/requests/${id}/replay`, { to });
    await page.row((row) => row.id === sent.id && row.state === "over", `the answer of ${name}`);
    const answer = JSON.parse((await page.body(sent.id, "answer")).toString()) as HttpAppAnswer;
    t.match(answer, { who: name, method: "PUT", bodyBytes: 7 });
    t.match(page.rows.get(sent.id), { source: "replay", status: 200 });
    t.equal((await page.detail(sent.id)).from, id);
  }
});

void t.test("an edited request is sent as it was edited", async (t) => {
  const { id: from } = await page.row((row) => row.path === "/again");
  const wanted = {
    to: "local",
    port: 80,
    method: "PATCH",
    target: "/edited?y=2",
    headers: [
      ["Host", "shop.example"],
      ["X-Edited", "yes"],
      ["Content-Length", "1"],
    ],
    body: Buffer.from("longer than that").toString("base64"),
    from,
  };
  const sent = await page.ask<Sent>("POST", "/api/send", wanted);
  await page.row((row) => row.id === sent.id && row.state === "over");
  const answer = JSON.parse((await page.body(sent.id, "answer")).toString()) as HttpAppAnswer;
  t.match(answer, { who: "local", method: "PATCH", target: "/edited?y=2", bodyBytes: 16 });
  t.match(answer.rawHeaders.join(" "), /Host shop\.example X-Edited yes Content-Length 16/);
  const bad = await page.raw("POST", "/api/send", {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...wanted, headers: [["X-Bad", "a\r\nb: c"]] }),
  });
  t.equal(bad.status, 400);
});

void t.test("a held request waits until it is released, and its caller may go", async (t) => {
  t.match(await page.ask("PUT", "/api/holding", { isOn: true, filter: 'path ^= "/held"' }), {
    holding: { isOn: true, held: 0 },
  });
  const answer = curl("/held/1", ...mine);
  const held = await page.row((row) => row.path === "/held/1" && row.state === "held");
  t.equal(who(await curl("/not-held", ...mine)), "local");
  await page.ask("POST", `/api/requests/${held.id}/release`);
  t.equal(who(await answer), "local");
  const detail = await page.detail(held.id);
  t.equal(detail.timings[0]?.name, "held");
  const gone = curl("/held/2", ...mine, "-m", "1");
  const waits = await page.row((row) => row.path === "/held/2" && row.state === "held");
  t.match(await gone, /curl 28/);
  await page.row((row) => row.id === waits.id && row.failure !== null, "the caller's end");
  const last = curl("/held/3", ...mine);
  await page.row((row) => row.path === "/held/3" && row.state === "held");
  await page.ask("PUT", "/api/holding", { isOn: false, filter: null });
  t.equal(who(await last), "local");
});

void t.test("a filter is tried on what is kept, and then set", async (t) => {
  await curl("/bobs", "-H", "x-user: bob");
  await page.row((row) => row.path === "/bobs");
  const preview = await page.ask<FilterPreview>("POST", "/api/filter/preview", {
    port: 80,
    filter: 'header("x-user") == "bob"',
  });
  t.equal(preview.problem, null);
  const names = (ids: readonly number[]) => ids.map((id) => page.rows.get(id)?.path);
  t.ok(names(preview.wouldGain).includes("/bobs"));
  t.ok(names(preview.wouldLose).includes("/one?x=1"));
  const broken = await page.ask<FilterPreview>("POST", "/api/filter/preview", {
    port: 80,
    filter: "path ==",
  });
  t.type(broken.problem?.message, "string");
  const state = await page.ask<InspectorState>("PUT", "/api/filter", {
    port: 80,
    filter: 'header("x-user") == "bob"',
  });
  t.match(state.ports[0], { port: 80, mode: "steal", filter: /bob/ });
  t.equal(who(await curl("/", "-H", "x-user: bob")), "local");
  t.equal(who(await curl("/", ...mine)), "app");
  await page.ask("PUT", "/api/filter", { port: 80, filter: 'header("x-user") == "alice"' });
});

void t.test("a large upload is kept in part, and passed on whole", async (t) => {
  const bytes = 100 * 1024 * 1024;
  const script = `head -c ${bytes} /dev/zero | curl -sS -m 60 -H 'x-user: alice' -T - http://${pod.address4}/upload`;
  const { stdout } = await client.run("sh", "-c", script);
  const answer = JSON.parse(stdout) as HttpAppAnswer;
  t.equal(answer.bodyBytes, bytes);
  const { id } = await page.row((row) => row.path === "/upload" && row.state === "over");
  const { request } = await page.detail(id);
  t.match(request.body, { bytes, keptBytes: 8 * 1024 * 1024, whyNotKept: /only the first/ });
  const hash = createHash("sha256")
    .update(Buffer.alloc(8 * 1024 * 1024))
    .digest("hex");
  t.equal(
    createHash("sha256")
      .update(await page.body(id, "request"))
      .digest("hex"),
    hash,
  );
  t.ok((page.state?.kept.bodiesCut ?? 0) >= 0);
  t.equal(
    (
      await page.raw("POST", `/api/requests/${id}/replay`, {
        headers: { "content-type": "application/json" },
        body: '{"to":"local"}',
      })
    ).status,
    409,
  );
});

void t.test("what was recorded comes back from its HAR file", async (t) => {
  const { id } = await page.row((row) => row.path === "/one?x=1");
  const { bytes, headers } = await page.raw("GET", `/api/har?ids=${id}&token=${page.token}`, {
    headers: { authorization: "" },
  });
  t.match(headers["content-disposition"], /attachment/);
  const har = bytes.toString();
  const imported = await page.ask<{ rows: number }>("POST", "/api/har", JSON.parse(har));
  t.same(imported, { rows: 1, skipped: [] });
  const row = await page.row((row) => row.source === "imported");
  t.match(row, { path: "/one?x=1", status: 200, method: "POST" });
  t.same(await page.body(row.id, "request"), await page.body(id, "request"));
  const { ids } = await page.ask<{ ids: number[] }>(
    "GET",
    `/api/matching?filter=${encodeURIComponent('method == "PUT"')}`,
  );
  t.ok(ids.length >= 2 && ids.every((id) => page.rows.get(id)?.method === "PUT"));
});

void t.test("a page that comes back is told what it has missed, and no more", async (t) => {
  const before = page.change;
  page.stop();
  await curl("/meanwhile", ...mine);
  using again = new InspectorClient(page.url.href);
  again.follow(before);
  await again.row((row) => row.path === "/meanwhile");
  t.notOk([...again.rows.values()].some((row) => row.path === "/one?x=1"));
  t.ok(again.messages.some(({ type }) => type === "caught-up"));
});
