import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Node } from "./cluster/node.ts";
import type { Pod } from "./cluster/test-namespace.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("hard");
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

const target = "deployment/web";
/** In a cluster that somebody brought nothing is killed. */
const skip = cluster.node === undefined && "the processes of this cluster are not ours to kill";

function ours(): Node {
  if (cluster.node === undefined) throw new Error("the node is not ours");
  return cluster.node;
}
const mine = { "x-tenant": "blue" };

/** A program that answers what it has received, when it is let. */
async function startHasher(): Promise<{
  port: number;
  release(): void;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  let held = Promise.resolve();
  let release = (): void => undefined;
  const server = createServer((request, response) => {
    const hash = createHash("sha256");
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    request.on("end", () => {
      if (request.url === "/held") ({ promise: held, resolve: release } = Promise.withResolvers<void>());
      void held.then(() => response.end(JSON.stringify({ by: "local", bytes, sha256: hash.digest("hex") })));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    port,
    release: () => release(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function firstPod(): Promise<Pod> {
  const [pod] = await namespace.pods("app=web");
  if (pod === undefined) throw new Error("web has no pod");
  return pod;
}

void t.test(
  "the API server is restarted in the middle of a stolen upload of 50 MB: nothing is lost",
  { skip },
  async (t) => {
    const node = ours();
    await using program = await startHasher();
    const args = ["--port", `8080:${program.port}`, "--header", "x-tenant: blue"];
    await using steal = await ann.steal(target, args);
    const pod = await firstPod();
    const uploadBytes = 50_000_000;
    const upload = caller.call(
      {
        url: `http://${pod.status.podIP}:8080/upload`,
        headers: mine,
        uploadBytes,
        bytesPerSecond: 6_000_000,
      },
      { timeoutMs: 90_000 },
    );
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await node.kill("kube-apiserver");
    node.start("kube-apiserver");
    const answer = await upload;
    if (answer.error !== undefined) throw new Error(answer.error);
    t.same(JSON.parse(answer.body), { by: "local", bytes: uploadBytes, sha256: answer.sha256 });
    t.ok(steal.proc.running, "the session goes on");
    await steal.end();
  },
);

void t.test(
  "the local program holds a request for 60 s: probes are the app's, no container restarts",
  async (t) => {
    await using program = await startHasher();
    // Without a filter, so that a probe that came here would hang with the rest.
    await using steal = await ann.steal(target, ["--port", `8080:${program.port}`]);
    const pod = await firstPod();
    const held = caller.call({ url: `http://${pod.status.podIP}:8080/held` }, { timeoutMs: 90_000 });
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const pods = await namespace.pods("app=web");
    for (const { status } of pods)
      for (const { name, ready, restartCount } of status.containerStatuses ?? []) {
        t.ok(ready, `${name} is ready`);
        t.equal(restartCount, 0, `${name} was not restarted`);
      }
    program.release();
    const answer = await held;
    t.match(answer.error ?? JSON.parse(answer.body), { by: "local" });
    await steal.end();
  },
);

void t.test(
  "kill -9 of an agent: its pod serves by itself at once, and another agent takes over",
  { skip },
  async (t) => {
    const node = ours();
    await using program = await startHasher();
    const args = ["--port", `8080:${program.port}`, "--header", "x-tenant: blue"];
    await using steal = await ann.steal(target, args);
    const pod = await firstPod();
    const url = `http://${pod.status.podIP}:8080/`;
    const by = async (): Promise<unknown> => {
      const answer = await caller.call({ url, headers: { ...mine, connection: "close" } });
      return answer.error ?? (JSON.parse(answer.body) as { by: string }).by;
    };
    await until(async () => (await by()) === "local", {
      what: "the pod to be stolen from",
      timeoutMs: 30_000,
    });
    const id = (await firstPod()).status.ephemeralContainerStatuses?.find(
      ({ state }) => state.running,
    )?.containerID;
    await node.run(["sh", "-c", killContainer, "sh", id?.replace("containerd://", "") ?? ""]);
    t.equal(await by(), "original");
    await until(async () => (await by()) === "local", { what: "another agent", timeoutMs: 60_000 });
    t.ok(steal.proc.running);
    await steal.end();
  },
);

/** Kills all processes of a container, by its control group. */
const killContainer = `
found=
for folder in /proc/[0-9]*; do
  if grep -q "$1" "$folder/cgroup" 2>/dev/null; then kill -KILL "\${folder#/proc/}" && found=yes; fi
done
[ -n "$found" ]`;
