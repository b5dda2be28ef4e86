import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { FakeCluster } from "../../../fixtures/kubernetes/fake-cluster.ts";
import {
  sampleDeployment,
  samplePod,
  sampleService,
  sampleWorkload,
} from "../../../fixtures/kubernetes/sample-objects.ts";
import { runCli } from "../run-cli.ts";

/** A cluster with some of everything, and a home of nobody; other targets of this machine may be listed too. */
async function scene(t: Test) {
  const home = await mkdtemp(join(tmpdir(), "magpie-targets-"));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  const agent = { name: "magpie-agent-x1", image: "magpie-agent:1", args: ["run"] };
  const withAgent = samplePod("db-0", {
    labels: { app: "db" },
    owner: { kind: "StatefulSet", name: "db", uid: "db-uid" },
    containers: [{ name: "db", image: "postgres", ports: [{ containerPort: 5432 }] }],
    spec: { ephemeralContainers: [agent] },
  });
  cluster.put(
    ...sampleDeployment("web", { replicas: 2 }),
    sampleWorkload("Deployment", "idle", { replicas: 0 }),
    sampleService("web"),
    sampleWorkload("StatefulSet", "db", { uid: "db-uid", replicas: 1 }),
    {
      ...withAgent,
      status: {
        ...withAgent.status,
        ephemeralContainerStatuses: [{ name: agent.name, state: { running: {} } }],
      },
    },
    samplePod("alone", {
      status: {
        phase: "Running",
        containerStatuses: [
          {
            name: "app",
            ready: false,
            state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
          },
        ],
      },
    }),
    ...sampleDeployment("far", { namespace: "other" }),
  );
  const environment = {
    HOME: home,
    MAGPIE_RUNTIME_DIR: join(home, "run"),
    KUBECONFIG: await cluster.kubeconfig({ namespace: "shop" }),
  };
  const run = (...args: string[]) => runCli(["targets", ...args], { ...environment, PATH: home });
  return { cluster, home, run, environment };
}

void t.test("a table has what can be targeted, without pods that belong to something in it", async (t) => {
  const { run } = await scene(t);
  const { stdout, stderr, exitCode } = await run();
  t.equal(exitCode, 0, stderr);
  const rows = stdout.split("\n\n")[0]?.trimEnd().split("\n") ?? [];
  const cells = rows.map((row) => row.split(/ {2,}/));
  t.same(cells, [
    ["TARGET", "READY", "STATE", "CONTAINERS", "PORTS", "MAGPIE"],
    ["deployment/idle", "0/0", "scaled to zero"],
    ["deployment/web", "2/2", "app"],
    ["statefulset/db", "1/1", "db", "5432", "agent running"],
    ["service/web", "2/2", "app", "80→8080"],
    ["pod/alone", "0/1", "CrashLoopBackOff", "app"],
  ]);
  t.notOk(stdout.includes("\u001b"), "no colours where there is no terminal");
});

void t.test("every pod is shown where that is asked for, and every namespace", async (t) => {
  const { run } = await scene(t);
  const { stdout } = await run("--pods", "-A");
  t.match(stdout, /^deployment\/far +other /m);
  t.match(stdout, /^pod\/web-5d4c8-0 +shop /m);
  const named = await run("-n", "other");
  t.match(named.stdout, /^deployment\/far +1\/1/m);
  t.notMatch(named.stdout, /deployment\/web/);
  t.match(await run("-n", "none"), {
    exitCode: 0,
    stdout: "",
    stderr: /^nothing in namespace none \(context fake\); --all-namespaces lists the others$/m,
  });
});

void t.test("programs get one line of JSON with every pod", async (t) => {
  const { run } = await scene(t);
  const { stdout } = await run("--output", "json");
  const listed = JSON.parse(stdout) as { targets: { target: string }[] };
  t.match(listed, { event: "targets", context: "fake", namespace: "shop", hidden: [] });
  t.match(
    listed.targets.find(({ target }) => target === "statefulset/db"),
    { ready: 1, wanted: 1, agents: 1, own: 0, pods: ["db-0"], containers: [{ name: "db" }], ports: ["5432"] },
  );
  t.equal(listed.targets.filter(({ target }) => target.startsWith("pod/")).length, 4);
});

void t.test("what may not be listed is told, and the rest is listed", async (t) => {
  const { run, cluster } = await scene(t);
  const rules = [{ verbs: ["list"], resources: ["pods", "deployments"] }];
  cluster.users = [{ name: "jane", token: "admin-token", rules }];
  const { stdout, stderr, exitCode } = await run();
  t.equal(exitCode, 0);
  t.match(stdout, /^deployment\/web /m);
  t.match(stderr, /not listed: jane may not list services in namespace shop/);
});

void t.test("whoever may list nothing is told which right is missing", async (t) => {
  const { run, cluster } = await scene(t);
  cluster.users = [{ name: "jane", token: "admin-token", rules: [] }];
  t.match(await run(), { exitCode: 1, stderr: /jane may not list pods in namespace shop/ });
  const json = await run("--output", "json");
  t.match(JSON.parse(json.stdout), { event: "ended", code: "not-permitted" });
});

void t.test("a cluster that does not answer is told, and its address", async (t) => {
  const { run, cluster } = await scene(t);
  const { url } = cluster;
  await cluster.fail();
  const { exitCode, stderr } = await run();
  t.equal(exitCode, 1);
  t.match(stderr, `the API server ${url} (context fake) cannot be reached: connect ECONNREFUSED`);
});

void t.test("a context that is not there is told with those that are", async (t) => {
  const { run } = await scene(t);
  t.match(await run("--context", "fakt"), { exitCode: 2, stderr: /Did you mean fake\?/ });
});

void t.test(
  "without any cluster what is of this machine is listed; a namespace needs a cluster",
  async (t) => {
    const { home, environment } = await scene(t);
    const alone = { ...environment, KUBECONFIG: "", PATH: home };
    const listed = await runCli(["targets", "--output", "json"], alone);
    t.equal(listed.exitCode, 0, listed.stderr);
    t.match(JSON.parse(listed.stdout), { event: "targets", context: null, namespace: null, targets: [] });
    t.match(await runCli(["targets", "-n", "shop"], alone), {
      exitCode: 2,
      stderr: /no kubeconfig says which cluster/,
    });
  },
);

void t.test("containers of this machine are listed", async (t) => {
  const { home } = await scene(t);
  const rows = [
    { Names: ["web"], Image: "localhost/web:1", State: "running" },
    { Names: ["old"], Image: "localhost/old:1", State: "exited" },
  ];
  const script = `#!/bin/sh\ncat <<'END'\n${rows.map((row) => JSON.stringify(row)).join("\n")}\nEND\n`;
  await writeFile(join(home, "podman"), script);
  await chmod(join(home, "podman"), 0o755);
  const { stdout } = await runCli(["targets"], {
    HOME: home,
    PATH: `${home}:${process.env["PATH"]}`,
    MAGPIE_RUNTIME_DIR: home,
  });
  t.match(stdout, /^container:web .* localhost\/web:1 +podman/m);
  t.match(stdout, /^container:old +stopped +localhost\/old:1 +podman/m);
});
