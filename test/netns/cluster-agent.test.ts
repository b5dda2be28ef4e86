import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import t, { type Test } from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import type { AccessRule } from "../fixtures/kubernetes/access-rules.ts";
import { AgentHost } from "../fixtures/kubernetes/agent-host.ts";
import { ApiStatus } from "../fixtures/kubernetes/api-status.ts";
import { FakeCluster } from "../fixtures/kubernetes/fake-cluster.ts";
import { kindNamed } from "../fixtures/kubernetes/kinds.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { runMagpie } from "../fixtures/magpie-command.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { until } from "../fixtures/until.ts";

t.jobs = 2;

const podKind = kindNamed("Pod");
const everything = "all";
/** The least that stealing takes. */
const enough: readonly AccessRule[] = [
  { verbs: ["get", "list"], resources: ["pods"] },
  { verbs: ["patch"], resources: ["pods/ephemeralcontainers"] },
  { verbs: ["create"], resources: ["pods/exec", "pods/portforward"] },
];

/** A pod of a fake cluster that is a real network namespace with an app on port 80, and a developer's server. */
async function createStage(t: Test, options: { rules?: readonly AccessRule[] | "all" } = {}) {
  const stack = new AsyncDisposableStack();
  t.teardown(() => stack.disposeAsync());
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const made = stack.use(await createNamespaces({ label: "kube" }));
  const app = stack.use(await HttpApp.start({ name: "app", namespace: made.pod, port: 80 }));
  const host = stack.use(
    new AgentHost({ namespace: made.pod, folder: join(runtimeDirectory.path, "containers") }),
  );
  const { rules = everything } = options;
  const users = [{ name: "ann", token: "ann-token", rules }];
  const cluster = stack.use(await FakeCluster.open({ host: host.host, users }));
  host.serve(cluster);
  const spec = { nodeName: "one", containers: [{ name: "app", image: "shop:1" }] };
  const status = {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      { name: "app", ready: true, state: { running: {} }, containerID: "containerd://0123456789abcdef" },
    ],
  };
  cluster.put({
    kind: "Pod",
    metadata: { name: "web", namespace: "default", labels: { app: "web" } },
    spec,
    status,
  });
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const answer = (): void => void response.setHeader("x-served-by", "local").end("local");
    if (request.url === "/hold") held.push(answer);
    else answer();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const kubeconfig = await cluster.kubeconfig();
  const target = ["--target", "pod/web", "--kubeconfig", kubeconfig, "--agent-linger", "300ms"] as const;
  const about = { pod: made.pod, runtimeDirectory };
  const args = (more: readonly string[]) => [...target, "-p", `80:${port}`, ...more];
  return {
    ...{ cluster, host, made, held, runtimeDirectory, target, app },
    podOf: () => cluster.store.get(podKind, { namespace: "default", name: "web" }),
    steal: async (...more: string[]) => stack.use(await MagpieSteal.start({ ...about, args: args(more) })),
    begin: async (...more: string[]) => stack.use(await MagpieSteal.begin({ ...about, args: args(more) })),
    ask: async (path: string, ...more: string[]): Promise<string> => {
      const url = `http://${made.pod.address4}${path}`;
      const { stdout } = await made.client.run(
        "curl",
        "-s",
        "-m",
        "20",
        "-D",
        "-",
        "-o",
        "/dev/null",
        ...more,
        url,
      );
      return /^x-served-by: (\w+)/im.exec(stdout)?.[1] ?? stdout;
    },
  };
}

const asAnn = ["-H", "x-user: ann"] as const;

void t.test(
  "requests are stolen through the API server only, by an ephemeral container that may do nothing more",
  async (t) => {
    const { steal, ask, podOf, cluster, host } = await createStage(t);
    const before = JSON.stringify(podOf().spec.containers);
    const ann = await steal("--header", "x-user: ann");
    t.equal(await ask("/", ...asAnn), "local");
    t.equal(await ask("/"), "app");
    const { spec } = podOf();
    t.equal(JSON.stringify(spec.containers), before, "the spec of the app is as it was");
    t.match(spec.ephemeralContainers, [
      {
        name: /^magpie-[0-9a-f]{8}$/,
        targetContainerName: "app",
        securityContext: { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] }, runAsNonRoot: true },
      },
    ]);
    t.equal(spec.ephemeralContainers.length, 1);
    t.notOk(spec.ephemeralContainers[0].env, "nothing is told by variables");
    const all = JSON.stringify([podOf(), cluster.requests]);
    t.notMatch(all, /Bearer|"ticket":/, "no ticket stands anywhere");
    await ann.end();
    await until(() => host.running.length === 0, { what: "the agent to leave", timeoutMs: 10_000 });
    t.equal(await ask("/", ...asAnn), "app");
  },
);

void t.test("another client joins the agent that runs, whatever its container is called", async (t) => {
  const { steal, ask, podOf, cluster, runtimeDirectory, target } = await createStage(t);
  const ann = await steal("--header", "x-user: ann");
  // Somebody has named it otherwise, and the image, too.
  const { name } = podOf().spec.ephemeralContainers[0] as { name: string };
  t.match(name, /^magpie-/);
  const bob = await steal("--header", "x-user: bob");
  t.equal(bob.agentPid, ann.agentPid);
  t.equal(podOf().spec.ephemeralContainers.length, 1);
  t.equal(await ask("/", "-H", "x-user: bob"), "local");
  const { text } = await runMagpie(runtimeDirectory, ["sessions", ...target.slice(0, 4), "--output", "json"]);
  t.match(JSON.parse(text), { sessions: [{ own: true }, { own: true }] });
  t.ok(cluster.streams.openCount >= 2);
});

void t.test("clients that begin at once end with one agent", async (t) => {
  const { begin, ask, host } = await createStage(t);
  host.startMs = 150;
  const [ann, bob] = await Promise.all([begin("--header", "x-user: ann"), begin("--header", "x-user: bob")]);
  await Promise.all([ann.event("ready"), bob.event("ready")]);
  t.equal(ann.agentPid, bob.agentPid);
  t.equal(host.running.length, 1);
  t.equal(await ask("/", ...asAnn), "local");
  t.equal(await ask("/", "-H", "x-user: bob"), "local");
});

void t.test(
  "whoever has the least rights may steal; without exec they are told which right is missing",
  async (t) => {
    const { steal, ask } = await createStage(t, { rules: enough });
    await steal("--header", "x-user: ann");
    t.equal(await ask("/", ...asAnn), "local");

    const refused = await createStage(t, {
      rules: enough.map((rule) => ({
        ...rule,
        resources: rule.resources.filter((name) => name !== "pods/exec"),
      })),
    });
    const outsider = await refused.begin();
    t.match(await outsider.event("ended"), {
      code: "not-permitted",
      message: /may not create pods\/exec in namespace default/,
    });
    t.equal((await outsider.proc.exited).code, 1);
    t.equal(await refused.ask("/"), "app");
  },
);

void t.test("without the right to place an agent nothing is made, and the right is named", async (t) => {
  const { begin, podOf } = await createStage(t, {
    rules: enough.filter(({ verbs }) => !verbs.includes("patch")),
  });
  const ann = await begin();
  const ended = await ann.event("ended");
  t.match(ended, {
    code: "not-permitted",
    message: /you may not patch pods\/ephemeralcontainers in namespace default/,
  });
  t.notOk(podOf().spec.ephemeralContainers);
});

void t.test("the API server away, what is stolen waits, and goes on when it is back", async (t) => {
  const { steal, ask, cluster, held } = await createStage(t);
  const ann = await steal("--header", "x-user: ann");
  const answer = ask("/hold", ...asAnn);
  await until(() => held.length === 1, { what: "the request here" });
  await cluster.fail();
  await ann.event("connection", { fits: ({ state }) => state === "lost" });
  t.equal(await ask("/"), "app", "others notice nothing");
  held[0]?.();
  await cluster.restore();
  await ann.event("connection", { fits: ({ state }) => state === "resumed" });
  t.equal(await answer, "local");
  t.equal(await ask("/", ...asAnn), "local");
});

void t.test(
  "an agent that is killed is the end, and said to be gone; the app answers everything",
  async (t) => {
    const { steal, ask, host } = await createStage(t);
    const ann = await steal("--header", "x-user: ann");
    const [container = ""] = host.running;
    host.kill(container);
    t.match(await ann.event("ended"), {
      code: "session-lost",
      message: /the agent in pod\/web is gone; its rules went with it/,
      hint: new RegExp(`It was container ${container} of pod web`),
    });
    t.equal(await ask("/", ...asAnn), "app");
  },
);

void t.test(
  "a container that cannot run is told with the kubelet's reason, and which image it is",
  async (t) => {
    const { begin, host } = await createStage(t);
    host.waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image: no such host" };
    const ann = await begin("--agent-image", "registry.example/agent@sha256:0123");
    t.match(await ann.event("ended"), {
      code: "agent-start",
      message:
        /image registry\.example\/agent@sha256:0123 is not to be had: ImagePullBackOff: .*no such host/,
      hint: /--agent-image/,
    });
  },
);

void t.test("a ticket admits once, and only to the agent's port on loopback", async (t) => {
  const { steal, made } = await createStage(t);
  const ann = await steal("--header", "x-user: ann");
  const { agentPort } = ann.ready;
  const { code } = await made.client.run(
    "curl",
    "-s",
    "-m",
    "3",
    `http://${made.pod.address4}:${agentPort}/`,
  );
  t.equal(code, 7, "nobody outside the pod can connect to it");
  const upgrade = [
    "-H",
    "connection: Upgrade",
    "-H",
    "upgrade: websocket",
    "-H",
    "sec-websocket-version: 13",
  ];
  const key = ["-H", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
  const stolen = ["-H", `authorization: Bearer ${"x".repeat(43)}`];
  const { stdout } = await made.pod.run(
    ...(["curl", "-s", "-m", "3", "-o", "/dev/null", "-w", "%{http_code}"] as const),
    ...[...upgrade, ...key, ...stolen, `http://127.0.0.1:${agentPort}/tunnel`],
  );
  t.equal(stdout, "401");
});

void t.test(
  "what comes over the pod's own loopback is stolen, too: kubectl port-forward does that",
  async (t) => {
    const { steal, made } = await createStage(t);
    await steal("--header", "x-user: ann");
    const { stdout } = await made.pod.run("curl", "-s", "-m", "5", ...asAnn, "http://127.0.0.1:80/");
    t.equal(stdout, "local");
    const other = await made.pod.run("curl", "-s", "-m", "5", "http://127.0.0.1:80/");
    t.match(JSON.parse(other.stdout), { who: "app" });
  },
);

void t.test(
  "a container that has only just begun may not be found by its runtime: it is asked again",
  async (t) => {
    const { steal, ask, cluster } = await createStage(t);
    const words = ['container not found ("magpie-1")', "container is not created or running"];
    cluster.intercept = ({ url = "" }) => {
      const said = url.includes("/exec?") && words.shift();
      return said ? new ApiStatus(500, "InternalError", `unable to upgrade connection: ${said}`) : undefined;
    };
    await steal("--header", "x-user: ann");
    t.same(words, []);
    t.equal(await ask("/", ...asAnn), "local");
  },
);
