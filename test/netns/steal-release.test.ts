import t from "tap";
import { AgentSession } from "../fixtures/agent-session.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load, type LoadOutcome } from "../fixtures/load.ts";
import { Scene } from "../fixtures/scene.ts";

const cycles = 100;
const commandCycles = 5;
const filter = { header: "^x-tenant: blue$" };

function failed(outcomes: readonly LoadOutcome[]): LoadOutcome[] {
  return outcomes.filter(
    ({ status, who, errorCode }) => status !== 200 || who !== "app" || errorCode !== undefined,
  );
}

void t.test("a port is stolen and released a hundred times, and no bystander notices", async (t) => {
  await using scene = await Scene.create({ label: "cycles" });
  const { made, runtimeDirectory } = scene;
  const { pod } = made;
  await using app = await HttpApp.start({ name: "app", namespace: pod, port: 8080 });
  // Another port keeps the agent there all the time.
  await using holder = await scene.steal("--header", "^x-tenant: green$");
  await using session = await AgentSession.join({ pod, runtimeDirectory });
  const plan = { namespace: made.client, host: pod.address4, port: app.port, connections: 12 };
  await using fresh = await Load.start({ ...plan, ratePerSecond: 150, fresh: true });
  await using kept = await Load.start({ ...plan, ratePerSecond: 150 });
  const diverted = async (): Promise<boolean> =>
    /elements = \{[^}]*\b8080\b/.test((await pod.run("nft", "list", "ruleset")).stdout);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const id = await session.subscribe({ port: app.port, filter });
    if (cycle % 20 === 0) t.ok(await diverted(), `stolen in cycle ${cycle}`);
    await fresh.ended(cycle * 4);
    await session.unsubscribe(id);
    if (cycle % 20 === 0) t.notOk(await diverted(), `released in cycle ${cycle}`);
    await fresh.ended(cycle * 4 + 2);
  }
  const outcomes = { fresh: (await fresh.stop()).outcomes, kept: (await kept.stop()).outcomes };
  t.ok(outcomes.fresh.length > cycles * 4, `${outcomes.fresh.length} requests on new connections`);
  t.same(failed(outcomes.fresh), [], "none of them failed");
  t.ok(outcomes.kept.length > cycles * 2, `${outcomes.kept.length} requests on kept connections`);
  t.same(failed(outcomes.kept), [], "none of them failed, either");
  t.ok(holder.proc.running);
});

void t.test("the command itself comes and goes under load, its agent with it", async (t) => {
  await using scene = await Scene.create({ label: "comes" });
  const { made } = scene;
  await using app = await HttpApp.start({ name: "app", namespace: made.pod, port: 8080 });
  const plan = { namespace: made.client, host: made.pod.address4, port: app.port, connections: 12 };
  await using fresh = await Load.start({ ...plan, ratePerSecond: 150, fresh: true });
  for (let cycle = 0; cycle < commandCycles; cycle++) {
    await using steal = await scene.steal(
      "--port",
      `8080:${scene.local.port}`,
      "--header",
      "^x-tenant: blue$",
    );
    await steal.end();
    // Every other one waits for the end of the agent, the rest meet it while it leaves.
    if (cycle % 2 === 0) await steal.agentGone();
  }
  const { outcomes } = await fresh.stop();
  t.ok(outcomes.length > 300, `${outcomes.length} requests on new connections`);
  t.same(failed(outcomes), [], "none of them failed");
});
