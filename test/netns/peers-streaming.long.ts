import t from "tap";
import { Scene } from "../fixtures/scene.ts";
import { EventCaller } from "../fixtures/sse-client.ts";
import { EventApp, type HttpVersion } from "../fixtures/sse-server.ts";

const port = 8080;

/** How a client calls, and what the developer's program speaks. */
const pairings: readonly (readonly [client: HttpVersion, local: HttpVersion])[] = [
  ["http1", "http1"],
  ["http2", "http1"],
  ["http2", "http2"],
];

void t.test("Server-Sent Events, long polls and bodies that are read while they are written", async (t) => {
  await using scene = await Scene.create({ label: "sse" });
  const { made } = scene;
  await using stack = new AsyncDisposableStack();
  const args = ["--path", "^/mine/"];
  const parties: { version: HttpVersion; localVersion: HttpVersion; app: EventApp; local: EventApp }[] = [];
  for (const [at, [version, localVersion]] of pairings.entries()) {
    const app = stack.use(await EventApp.start({ version, namespace: made.pod, port: port + at }));
    const local = stack.use(await EventApp.start({ version: localVersion, host: "127.0.0.1" }));
    args.push("--port", `${app.port}:${local.port}`);
    parties.push({ version, localVersion, app, local });
  }
  await using steal = await scene.steal(...args);
  t.ok(steal.agentPid > 0);

  for (const { version, localVersion, app, local } of parties)
    await t.test(`undici over ${version}, the local process over ${localVersion}`, async (t) => {
      const origin = `http://${made.pod.address4}:${app.port}`;
      const who = [
        { server: app, prefix: "/app" },
        { server: local, prefix: "/mine" },
      ];

      for (const { server, prefix } of who) {
        await t.test(`${prefix}: an event is seen before the next one is written`, async (t) => {
          await using caller = await EventCaller.start({ namespace: made.client, version, origin });
          const path = `${prefix}/events`;
          const open = caller.listen(path);
          await server.asked(path);
          await server.answer(path);
          await open;
          for (let at = 0; at < 50; at++) {
            await server.write(path, `data: event ${at}\n\n`);
            if ((await caller.event(path)) !== `event ${at}`) t.fail(`event ${at}`);
          }
          await caller.close(path);
          await server.left(path);
          t.pass("and the app knows when the listener has left");
        });

        await t.test(`${prefix}: a long poll hears nothing until there is something`, async (t) => {
          await using caller = await EventCaller.start({ namespace: made.client, version, origin });
          const path = `${prefix}/poll`;
          await caller.post(path);
          await caller.end(path);
          await server.asked(path);
          t.equal(await caller.hasHead(path), false);
          await server.answer(path);
          t.equal(await caller.head(path), 200, "the head before any of the body");
          await server.write(path, "news");
          t.equal(await caller.read(path, 4), "news", "the body before its end");
          await server.end(path);
          t.equal(await caller.whole(path), "news");
        });

        await t.test(`${prefix}: each byte of a body is there before the next one is sent`, async (t) => {
          await using caller = await EventCaller.start({ namespace: made.client, version, origin });
          const path = `${prefix}/upload`;
          await caller.post(path);
          for (let at = 1; at <= 20; at++) {
            await caller.write(path, "x");
            t.equal(await server.received(path, at), "x".repeat(at));
          }
          await server.answer(path);
          t.equal(await caller.head(path), 200, "an answer to half a request");
          for (let at = 1; at <= 20; at++) {
            await server.write(path, "y");
            await caller.read(path, at);
            await caller.write(path, "z");
            await server.received(path, 20 + at);
          }
          await caller.end(path);
          await server.end(path);
          t.equal(await caller.whole(path), "y".repeat(20));
        });
      }
    });
});
