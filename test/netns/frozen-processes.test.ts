import t from "tap";
import type { HeaderPair } from "../../src/http/index.ts";
import { http2Caller } from "../fixtures/http2-caller.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 8080;
const mine: HeaderPair = ["x-tenant", "blue"];

void t.test("who is frozen keeps its own callers waiting, and answers them when it is thawed", async (t) => {
  await using scene = await Scene.create({ label: "frozen" });
  const { made } = scene;
  await using app = await startHttp2Server({ name: "app", namespace: made.pod, port });
  await using local = await startHttp2Server({ name: "local", port: 0 });
  const [, localPort] = await local.line(/^listening (\d+)$/);
  await using steal = await scene.steal("--port", `${port}:${localPort}`, "--header", "^x-tenant: blue$");
  const caller = await http2Caller(made.client, { host: made.pod.address4, port });
  t.teardown(() => caller.end.socket.destroy());
  await caller.until(() => caller.hasSettings);
  t.ok(app.pid > 0);
  const ask = (fields: readonly HeaderPair[], content?: Buffer) =>
    caller.request([...fields, [":path", "/bytes/5"]], content);
  const bystanders = async (when: string) => {
    for (let count = 0; count < 20; count++)
      t.equal((await caller.over(ask([]).id)).text, "appap", `a bystander on the same connection, ${when}`);
  };
  t.equal((await caller.over(ask([mine]).id)).text, "local", "its connections are there");

  for (const [who, frozen] of [
    ["the local process", local],
    ["magpie", steal.proc],
  ] as const)
    await t.test(`${who}: SIGSTOP, then SIGCONT`, async (t) => {
      frozen.pause();
      const waiting = [ask([mine]), ask([mine], Buffer.alloc(30_000, "u")), ask([mine])];
      await bystanders(`${who} is frozen`);
      t.notOk(
        waiting.some(({ stream }) => stream.isOver),
        "its callers wait",
      );
      frozen.resume();
      for (const { id } of waiting) {
        const stream = await caller.over(id);
        t.same([stream.status, stream.text, stream.reset], ["200", "local", undefined]);
      }
      await bystanders("afterwards");
    });
});
