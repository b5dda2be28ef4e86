import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { InspectorClient } from "../fixtures/inspector-client.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../fixtures/namespaces.ts";
import { rssBytes } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";

const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const made = stage.use(await createNamespaces({ label: "inspect-load" }));
const { pod, client } = made;
stage.use(await HttpApp.start({ name: "app", namespace: pod, port: 80 }));
const local = stage.use(await HttpApp.start({ name: "local", host: "127.0.0.1" }));
const start = (...args: string[]) =>
  MagpieSteal.start({
    pod,
    runtimeDirectory,
    args: ["--port", `80:${local.port}`, "--header", "x-user: alice", ...args],
  });

/** Requests a second that wrk had answered. */
async function perSecond(from: Namespace, seconds: number): Promise<number> {
  const url = `http://${pod.address4}/load`;
  const { stdout } = await from.run("wrk", "-t1", "-c32", `-d${seconds}s`, "-H", "x-user: alice", url);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

void t.test(
  "an inspector costs requests little, and nothing while nobody looks",
  { timeout: 120_000 },
  async (t) => {
    await using plain = await start();
    await perSecond(client, 2);
    const without: number[] = [];
    const withOne: number[] = [];
    await plain.end();
    for (let round = 0; round < 3; round++) {
      await using off = await start();
      await perSecond(client, 1);
      without.push(await perSecond(client, 4));
      await off.end();
      await using on = await start("--inspect");
      using page = new InspectorClient(String((await on.event("inspector"))["url"]));
      page.follow();
      await perSecond(client, 1);
      withOne.push(await perSecond(client, 4));
      await on.end();
    }
    const ratio = median(withOne) / median(without);
    t.comment(
      `requests a second: ${without.join(", ")} without, ${withOne.join(", ")} with; ratio ${ratio.toFixed(2)}`,
    );
    t.ok(ratio > 0.6, `ratio ${ratio}`);
  },
);

void t.test(
  "120,000 requests leave 100,000 rows in bounded memory, and a slow page harms nobody",
  { timeout: 240_000 },
  async (t) => {
    await using steal = await start("--inspect");
    using page = new InspectorClient(String((await steal.event("inspector"))["url"]));
    const state = () => page.ask<{ kept: { rows: number } }>("GET", "/api/state");
    // One that never reads.
    using slow = new InspectorClient(page.url.href);
    const { request } = await import("node:http");
    const stuck = request({
      host: "127.0.0.1",
      port: page.url.port,
      path: "/api/live?after=0",
      headers: { authorization: `Bearer ${slow.token}` },
    });
    stuck.on("response", (response) => response.pause()).on("error", () => undefined);
    stuck.end();
    let total = 0;
    while (total < 125_000) total += 10 * (await perSecond(client, 10));
    await until(async () => (await state()).kept.rows === 100_000, {
      what: "100,000 rows",
      timeoutMs: 20_000,
    });
    const pid = steal.proc.child.pid ?? 0;
    t.comment(
      `${Math.round(total)} requests, ${Math.round(rssBytes(pid) / 1e6)} MB resident, ${JSON.stringify((await state()).kept)}`,
    );
    t.ok(rssBytes(pid) < 900e6, `${rssBytes(pid)} bytes`);
    const fromMs = performance.now();
    page.follow();
    await until(() => page.messages.some(({ type }) => type === "caught-up"), {
      what: "all rows",
      timeoutMs: 30_000,
    });
    t.comment(`all rows told in ${Math.round(performance.now() - fromMs)} ms`);
    t.ok(page.rows.size >= 99_000);
    stuck.destroy();
  },
);
