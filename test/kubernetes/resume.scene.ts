import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("resume");
await namespace.applyExample();
const caller = await (cluster.node === undefined
  ? Caller.start(cluster, namespace)
  : Caller.onNode(cluster.node));
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const [pod] = await namespace.pods("app=web");
const target = `pod/${pod?.metadata.name ?? ""}`;
const url = `http://${pod?.status.podIP ?? ""}:8080`;
const mine = { "x-tenant": "blue", connection: "close" };
const asleepMs = 65_000;

async function answeredBy(headers: Record<string, string>): Promise<string> {
  const answer = await caller.call({ url, headers }, { timeoutMs: 30_000 });
  return answer.error ?? (JSON.parse(answer.body) as { by: string }).by;
}

void t.test("the kubelet is restarted: the session is resumed, an upload under way too", async (t) => {
  const { node } = cluster;
  if (node === undefined) return t.comment("the processes of this cluster are not ours to kill");
  await using local = await LocalProgram.start();
  await using steal = await ann.steal(target, ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"]);
  const uploadBytes = 10_000_000;
  const upload = caller.call(
    { url: `${url}/upload`, headers: mine, uploadBytes, bytesPerSecond: 1_500_000 },
    { timeoutMs: 90_000 },
  );
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await node.kill("kubelet");
  node.start("kubelet");
  t.match(await upload, { status: 200, body: JSON.stringify({ by: "local", bytes: uploadBytes }) });
  await steal.event("connection", { fits: ({ state }) => state === "resumed" });
  t.equal(await answeredBy(mine), "local");
  await steal.end();
});

void t.test("a laptop that sleeps for a minute goes on where it was, within its grace", async (t) => {
  await using local = await LocalProgram.start();
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", "--grace", "3m"];
  await using steal = await ann.steal(target, args);
  steal.proc.signal("SIGSTOP");
  const waiting = caller.call({ url, headers: mine }, { timeoutMs: 150_000 });
  await new Promise((resolve) => setTimeout(resolve, asleepMs));
  t.equal(await answeredBy({ connection: "close" }), "original", "others notice nothing");
  steal.proc.signal("SIGCONT");
  t.match(await waiting, { status: 200, body: /"by":"local"/ }, "what came meanwhile was waited for");
  t.equal(await answeredBy(mine), "local");
  await steal.end();
});

void t.test(
  "one that sleeps longer than its grace has lost its ports, and takes them again when told to",
  async () => {
    await using local = await LocalProgram.start();
    const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", "--grace", "5s"];
    await using steal = await ann.steal(target, [...args, "--on-lost", "rejoin"]);
    steal.proc.signal("SIGSTOP");
    await until(async () => (await answeredBy(mine)) === "original", {
      what: "the app to answer by itself",
      timeoutMs: 60_000,
    });
    steal.proc.signal("SIGCONT");
    await until(async () => (await answeredBy(mine)) === "local", {
      what: "the session to begin again",
      timeoutMs: 60_000,
    });
    await steal.end();
  },
);
