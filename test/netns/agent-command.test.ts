import t from "tap";
import { beginMagpie, eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";

void t.test("magpie agent: whether one runs, who uses it, what it logs, and its end", async (t) => {
  await using scene = await Scene.create({ label: "agent-cmd" });
  const { runtimeDirectory } = scene;
  const target = ["--target", `netns:${scene.made.pod.name}`];
  const agent = (...args: readonly string[]) => runMagpie(runtimeDirectory, ["agent", ...args, ...target]);
  const status = async () => eventsOf((await agent("status", "--output", "json")).text, "agent")[0];

  t.match(await status(), { isRunning: false, since: null, sessions: null }, "nobody is started for it");
  t.match(await agent("logs"), { code: 1, errors: /no agent has run in netns:/ });
  t.match(await agent("stop"), { code: 0, text: /no agent runs/ });

  const session = await scene.steal("--name", "ann", "--header", "^x-user: ann$");
  const { session: id, agentPid } = session.ready;
  const found = await status();
  t.match(found, {
    isRunning: true,
    agent: `pid ${agentPid}`,
    version: /^\d+\.\d+/,
    backend: "tproxy",
    sessions: [{ id, name: "ann" }],
  });
  t.ok(Math.abs(Number(found?.["since"]) - Date.now()) < 120_000, "it began just now");
  t.match((await agent("status")).text, /an agent runs: pid \d+\n {2}version .*\n {2}used by \w+ \(ann\)/);

  const stop = await agent("stop", "--output", "json");
  t.equal(stop.code, 1);
  t.match(eventsOf(stop.text, "agent-stopped"), [{ outcome: "in-use" }]);

  const lines = eventsOf((await agent("logs", "--lines", "5", "--output", "json")).text, "agent-log");
  t.ok(lines.length > 0 && lines.length <= 5);
  t.ok(lines.every(({ line }) => JSON.parse(String(line)) !== null));

  await using following = await beginMagpie(runtimeDirectory, ["agent", "logs", "--follow", ...target]);
  await session.end();
  await until(
    () => following.stdout.some((line) => line.includes("session closed") || line.includes("closed")),
    {
      what: "the log to go on",
      timeoutMs: 10_000,
    },
  );
  following.signal("SIGINT");
  t.match(await following.exited, { code: 0 });
});
