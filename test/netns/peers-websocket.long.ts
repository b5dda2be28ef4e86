import { createHash } from "node:crypto";
import t, { type Test } from "tap";
import { Scene } from "../fixtures/scene.ts";
import type { HttpVersion } from "../fixtures/sse-server.ts";
import { WebSocketCaller } from "../fixtures/websocket-client.ts";
import { WebSocketApp } from "../fixtures/websocket-server.ts";

const port = 8080;

/** How a client calls, and what the developer's program speaks. */
const pairings: readonly (readonly [client: HttpVersion, local: HttpVersion])[] = [
  ["http1", "http1"],
  ["http2", "http2"],
  ["http2", "http1"],
];

void t.test("WebSockets under a filter", async (t) => {
  await using scene = await Scene.create({ label: "ws" });
  const { made } = scene;
  await using stack = new AsyncDisposableStack();
  const args = ["--header", "^x-tenant: blue$"];
  const parties: {
    version: HttpVersion;
    localVersion: HttpVersion;
    app: WebSocketApp;
    local: WebSocketApp;
  }[] = [];
  for (const [at, [version, localVersion]] of pairings.entries()) {
    const inPod = { name: "app", version, namespace: made.pod, port: port + at };
    const app = stack.use(await WebSocketApp.start(inPod));
    const outside = { name: "local", version: localVersion, host: "127.0.0.1" };
    const local = stack.use(await WebSocketApp.start(outside));
    args.push("--port", `${app.port}:${local.port}`);
    parties.push({ version, localVersion, app, local });
  }
  await using steal = await scene.steal(...args);
  t.ok(steal.agentPid > 0);

  for (const { version, localVersion, app, local } of parties)
    await t.test(`over ${version}, the local process over ${localVersion}`, async (t) => {
      await using caller = await WebSocketCaller.start({ namespace: made.client, version });
      const address = `${made.pod.address4}:${app.port}`;

      for (const who of ["app", "local"] as const)
        await t.test(`of the ${who}`, async (t) => {
          const headers: Record<string, string> = who === "local" ? { "x-tenant": "blue" } : {};
          const open = async (path: string) => caller.open({ address, path, headers, protocol: "chat.v2" });
          const server = who === "app" ? app : local;
          const isConverted = who === "local" && localVersion !== version;
          await laws(t, { caller, open, server, who });
          const { peer } = await server.over("/echo");
          t.equal(peer, who === "app" ? made.client.address4 : "127.0.0.1", "and who calls is seen");
          t.ok(
            isConverted ||
              version !== "http1" ||
              (await open("/more")).extensions.includes("permessage-deflate"),
          );
        });

      await t.test("both at once, each with its own", async (t) => {
        const all = Array.from({ length: 20 }, (_, at) => ({
          path: `/many/${at}`,
          who: at % 2 === 0 ? "app" : "local",
        }));
        await Promise.all(
          all.map(({ path, who }) =>
            caller.open({ address, path, headers: who === "local" ? { "x-tenant": "blue" } : {} }),
          ),
        );
        for (const { path, who } of all) t.equal(await caller.message(path), who);
        for (const { path } of all) await caller.send(path, `hello from ${path}`);
        for (const { path } of all) t.equal(await caller.message(path), `hello from ${path}`);
      });

      await t.test("a local process that ends is seen as an end without a close", async (t) => {
        const path = "/dies";
        await caller.open({ address, path, headers: { "x-tenant": "blue" } });
        t.equal(await caller.message(path), "local");
        await local.proc.kill();
        t.equal((await caller.closed(path)).code, 1006);
        await caller.send("/many/0", "still there");
        t.equal(await caller.message("/many/0"), "still there");
      });
    });
});

async function laws(
  t: Test,
  {
    caller,
    open,
    server,
    who,
  }: {
    caller: WebSocketCaller;
    open: (path: string) => ReturnType<WebSocketCaller["open"]>;
    server: WebSocketApp;
    who: string;
  },
): Promise<void> {
  await t.test("echoes text and bytes of any size, and pings both ways", async (t) => {
    const { protocol } = await open("/echo");
    t.equal(protocol === "" || protocol === "chat.v2", true);
    t.equal(await caller.message("/echo"), who);
    for (const bytes of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const message = Buffer.alloc(bytes, "0123456789abcdef");
      await caller.send("/echo", message);
      t.equal(hashOf(await caller.message("/echo")), hashOf(message), `${bytes} bytes`);
    }
    for (let at = 0; at < 100; at++) {
      await caller.send("/echo", `message ${at} \u{1f426}`);
      if ((await caller.message("/echo")) !== `message ${at} \u{1f426}`) t.fail(`message ${at}`);
    }
    t.equal(await caller.ping("/echo", "anybody"), "anybody");
    await caller.send("/echo", "ping");
    await caller.send("/echo", "behind the ping");
    t.equal(await caller.message("/echo"), "behind the ping");
    await caller.close("/echo", 4_000, "enough \u{1f426}");
    const { code, reason, pongs } = await server.over("/echo");
    t.same([code, reason, pongs], [4_000, "enough \u{1f426}", 1], "the server hears the code");
    t.same(await caller.closed("/echo"), { code: 4_000, reason: "enough \u{1f426}" }, "and gives it back");
  });

  await t.test("closes with the server's code", async (t) => {
    await open("/closes");
    await caller.send("/closes", "close 4321 have a rest");
    t.same(await caller.closed("/closes"), { code: 4_321, reason: "have a rest" });
  });

  await t.test("is over for both when one of them cuts it, without a close", async (t) => {
    await open("/cut/server");
    await caller.send("/cut/server", "cut");
    t.equal((await caller.closed("/cut/server")).code, 1_006);
    await open("/cut/client");
    t.equal(await caller.message("/cut/client"), who);
    await caller.cut("/cut/client");
    t.equal((await server.over("/cut/client")).code, 1_006);
  });
}

function hashOf(message: string | Uint8Array): string {
  return createHash("sha256").update(message).digest("hex");
}
