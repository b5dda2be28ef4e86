import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
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
await namespace.kubectl("patch", "deployment/web", "--type=json", "--patch", livenessByHttp());
await namespace.rolledOut("deployment/web");
await until(async () => (await namespace.pods("app=web")).length === 3, {
  what: "the pods of before to be gone",
  timeoutMs: 120_000,
});
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

/** So long requests wait for a connection that is lost: an API server may take its time on a busy machine. */
const patient = ["--grace", "4m"];

/**
 * A liveness probe that a program which hangs does not answer in time: after a good half minute its container would be restarted.
 * It waits longer than the app ever takes on a machine that is busy.
 */
function livenessByHttp(): string {
  const probe = {
    httpGet: { path: "/alive", port: 8080 },
    timeoutSeconds: 8,
    periodSeconds: 5,
    failureThreshold: 3,
  };
  return JSON.stringify([
    { op: "replace", path: "/spec/template/spec/containers/0/livenessProbe", value: probe },
  ]);
}

/** A program that answers what it has received. From a request of /held on it stands still, as at a breakpoint, until it is let go on. */
class Hasher implements AsyncDisposable {
  readonly port: number;
  /** Bytes of bodies so far. */
  receivedBytes = 0;
  /** Paths of the requests that have come while it stood still. */
  readonly held: string[] = [];
  readonly #server: Server;
  readonly #released = Promise.withResolvers<void>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port; // It listens on TCP.
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const hash = createHash("sha256");
      let bytes = 0;
      request.on("data", (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
        this.receivedBytes += chunk.length;
      });
      request.on("end", () => {
        const answer = (): void =>
          void response.end(JSON.stringify({ by: "local", bytes, sha256: hash.digest("hex") }));
        const { url = "" } = request;
        if (url !== "/held" && this.held.length === 0) return answer();
        this.held.push(url);
        void this.#released.promise.then(answer);
      });
    });
  }

  static async start(): Promise<Hasher> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Hasher(server);
  }

  release(): void {
    this.#released.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
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
    await using program = await Hasher.start();
    const args = ["--port", `8080:${program.port}`, "--header", "x-tenant: blue", ...patient];
    await using steal = await ann.steal(target, args);
    const pod = await firstPod();
    const uploadBytes = 50_000_000;
    const upload = caller.call(
      {
        url: `http://${pod.status.podIP}:8080/upload`,
        headers: mine,
        uploadBytes,
        bytesPerSecond: 10_000_000,
      },
      { timeoutMs: 280_000 },
    );
    await until(() => program.receivedBytes > uploadBytes / 5, {
      what: "a fifth of the upload",
      timeoutMs: 120_000,
    });
    await node.kill("kube-apiserver");
    t.ok(program.receivedBytes < uploadBytes, "in the middle of it");
    await steal.event("connection", { fits: ({ state }) => state === "lost", timeoutMs: 60_000 });
    node.start("kube-apiserver");
    const answer = await upload;
    if (answer.error !== undefined) throw new Error(answer.error);
    t.same(JSON.parse(answer.body), { by: "local", bytes: uploadBytes, sha256: answer.sha256 });
    t.ok(steal.proc.running, "the session goes on");
    await apiServerAnswers();
    await steal.end();
  },
);

void t.test(
  "the local program holds a request for 60 s: the app answers the liveness probe, no container restarts",
  async (t) => {
    await using program = await Hasher.start();
    // Without a filter, so that a probe that came here would hang with the rest.
    await using steal = await ann.steal(target, ["--port", `8080:${program.port}`, ...patient]);
    const pod = await firstPod();
    const held = caller.call({ url: `http://${pod.status.podIP}:8080/held` }, { timeoutMs: 280_000 });
    await until(() => program.held.length > 0, { what: "the request to be held", timeoutMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, heldMs));
    t.equal(await namespace.restarts("app=web"), 0, "no container was restarted");
    t.same(program.held, ["/held"], "and no probe came here");
    program.release();
    const answer = await held;
    t.match(answer.error ?? JSON.parse(answer.body), { by: "local" });
    await until(async () => (await namespace.readyPods("app=web")).length === 3, {
      what: "every pod to be ready",
      timeoutMs: 60_000,
    });
    t.equal(await namespace.restarts("app=web"), 0, "nor afterwards");
    await steal.end();
  },
);

void t.test(
  "kill -9 of an agent: its pod serves by itself at once, and another agent takes over",
  { skip },
  async (t) => {
    const node = ours();
    await using program = await Hasher.start();
    const args = ["--port", `8080:${program.port}`, "--header", "x-tenant: blue", ...patient];
    await using steal = await ann.steal(target, args);
    const pod = await firstPod();
    const url = `http://${pod.status.podIP}:8080/`;
    const by = (): Promise<string> => caller.answeredBy(url, mine);
    await until(async () => (await by()) === "local", {
      what: "the pod to be stolen from",
      timeoutMs: 120_000,
    });
    // What runs by the kubelet's word may have ended a moment ago.
    await until(async () => await killAgents(node, await firstPod()), {
      what: "the agent's container to be killed",
      timeoutMs: 60_000,
    });
    const answers = [await by()];
    await until(
      async () => answers[answers.push(await by()) - 1] === "local" && answers.includes("original"),
      {
        what: "another agent",
        timeoutMs: 200_000,
      },
    );
    t.equal(answers[0], "original");
    t.same(new Set(answers), new Set(["original", "local"]), "nobody went without an answer");
    t.ok(steal.proc.running);
    await steal.end();
  },
);

async function apiServerAnswers(): Promise<void> {
  await until(async () => (await cluster.tryKubectl(["get", "--raw", "/readyz"])).code === 0, {
    what: "the API server to be ready",
    timeoutMs: 120_000,
  });
}

/** Kills the containers of a pod's agents; gives whether there was one. */
async function killAgents(node: Node, { status }: Pod): Promise<boolean> {
  const ids = (status.ephemeralContainerStatuses ?? [])
    .filter(({ state }) => state.running !== undefined)
    .map(({ containerID = "" }) => containerID.replace("containerd://", ""));
  const killed = await Promise.all(
    ids.map(async (id) => (await node.try(["sh", "-c", killContainer, "sh", id])).code === 0),
  );
  return killed.includes(true);
}

const heldMs = 60_000;

/** Kills all processes of a container, by its control group, and waits until none of them runs any more. */
const killContainer = `
pids=
for folder in /proc/[0-9]*; do
  ! grep -q "$1" "$folder/cgroup" 2>/dev/null || pids="$pids \${folder#/proc/}"
done
[ -n "$pids" ] && kill -KILL $pids
for pid in $pids; do
  while grep -q "^State:[[:space:]]*[^ZX[:space:]]" "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
done
[ -n "$pids" ]`;
