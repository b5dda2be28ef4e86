import t from "tap";
import { eventsOf, runMagpie } from "../fixtures/magpie-command.ts";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Pod } from "./cluster/test-namespace.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("control");
await namespace.applyExample();
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const target = "deployment/web";
const pods = await namespace.pods("app=web");

async function ask(pod: Pod, tenant: string, path = "/"): Promise<string> {
  const headers = { "x-tenant": tenant, connection: "close" };
  const answer = await caller.call({ url: `http://${pod.status.podIP}:8080${path}`, headers });
  if (answer.error !== undefined) return answer.error;
  return (JSON.parse(answer.body) as { by: string }).by; // Both say who they are.
}

async function allAnswer(by: string, tenant: string): Promise<void> {
  const fits = async () =>
    (await Promise.all(pods.map((pod) => ask(pod, tenant)))).every((one) => one === by);
  await until(fits, { what: `${by} to answer ${tenant} in each pod`, timeoutMs: 30_000 });
}

void t.test("sessions, why, metrics, filter set and release are about all three pods", async (t) => {
  const magpie = async (...words: readonly string[]): Promise<string> => {
    const { code, text, errors } = await ann.run(words);
    t.equal(code, 0, `${words.join(" ")}: ${errors}`);
    return text;
  };
  await using local = await LocalProgram.start();
  await using other = await LocalProgram.start();
  await using steal = await ann.steal(target, ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"]);
  await using green = await ann.steal(target, [
    "--port",
    `8080:${other.port}`,
    "--header",
    "x-tenant: green",
  ]);
  await allAnswer("local", "blue");
  await allAnswer("local", "green");

  const [listed] = eventsOf(await magpie("sessions", "--target", target, "--output", "json"), "sessions");
  const sessions = (listed?.["sessions"] ?? []) as { own: boolean; member: string }[];
  t.equal(sessions.length, 6, "two of each pod");
  t.ok(sessions.every(({ own }) => own));

  const why = ["why", "--target", target, "--path", "^/once$", "--output", "json"] as const;
  for (const pod of pods) t.equal(await ask(pod, "blue", "/once"), "local");
  const seen = async (...words: readonly string[]) =>
    eventsOf(await magpie(...why, ...words), "decision").map(({ member, reason }) => ({ member, reason }));
  t.same(
    new Set((await seen()).map(({ member }) => member)),
    new Set(pods.map(({ metadata }) => metadata.name)),
  );
  t.match(
    (await seen("--session", steal.ready.session)).map(({ reason }) => reason),
    pods.map(() => /^`x-tenant: blue` matches/),
    "by the eyes of that command, in every pod",
  );

  const metrics = await magpie("metrics", "--target", target);
  for (const { metadata } of pods) t.match(metrics, `pod="${metadata.name}"`);

  const words = ["filter", "set", "header(x-tenant) == red", "--session", steal.ready.session];
  const set = await runMagpie(runtimeDirectory, words);
  t.equal(set.code, 0, `the cluster is that of the session: ${set.errors}`);
  await allAnswer("local", "red");
  await allAnswer("original", "blue");
  await allAnswer("local", "green");

  await magpie("release", steal.ready.session);
  t.equal((await steal.proc.exited).code, 0);
  await allAnswer("original", "red");
  await allAnswer("local", "green");
  await green.end();
});

void t.test("a mirror has copies of all pods, and --max-rate is one bound for all of them", async (t) => {
  await using local = await LocalProgram.start();
  const bound = 6;
  const args = ["--port", `8080:${local.port}`, "--path", "^/copied$", "--max-rate", `${bound}/h`];
  await using mirror = await ann.steal(target, args, "mirror");
  for (let round = 0; round < 10; round++)
    for (const pod of pods) t.equal(await ask(pod, "any", "/copied"), "original");
  await until(() => local.asked.length >= 1, { what: "a copy", timeoutMs: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  t.ok(local.asked.length <= bound, `${local.asked.length} copies of 30 requests`);
  t.ok(local.asked.every(({ path }) => path === "/copied"));
  await mirror.end();
});
