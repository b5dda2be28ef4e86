import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { FakeCluster } from "../../../fixtures/kubernetes/fake-cluster.ts";
import { sampleDeployment, samplePod } from "../../../fixtures/kubernetes/sample-objects.ts";
import { playScreen, type ScreenStep } from "../../../fixtures/screen-player.ts";

const launcher = fileURLToPath(new URL("../../../../src/client/magpie.js", import.meta.url));
const keys = { up: "\u001b[A", down: "\u001b[B", escape: "\u001b", enter: "\r", interrupt: "\u0003" };

/** A cluster with a deployment, a pod of two containers with a sidecar, and another namespace; and a user at a terminal. */
async function scene(t: Test) {
  const home = await mkdtemp(join(tmpdir(), "magpie-picker-"));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  cluster.put(
    ...sampleDeployment("web", { replicas: 2 }),
    samplePod("pair", {
      containers: [
        { name: "shop", image: "shop" },
        { name: "cart", image: "cart" },
        { name: "istio-proxy", image: "istio/proxyv2" },
      ],
    }),
    ...sampleDeployment("far", { namespace: "other" }),
  );
  const environment = {
    HOME: home,
    MAGPIE_RUNTIME_DIR: join(home, "run"),
    MAGPIE_FROM_SOURCES: "1",
    KUBECONFIG: await cluster.kubeconfig({ namespace: "shop" }),
    PATH: home,
  };
  const play = (steps: readonly ScreenStep[], more: { columns?: number } = {}) =>
    playScreen({
      command: [process.execPath, launcher, "doctor", "--steal"],
      environment,
      stdout: "pipe",
      steps,
      columns: 100,
      ...more,
    });
  return { cluster, play, environment };
}

void t.test("without --target a user at a terminal chooses one", async (t) => {
  const { play } = await scene(t);
  await Promise.all([
    t.test("from a list with namespace, state and containers; a filter leaves what fits", async (t) => {
      const { screens, code, stdout } = await play([
        { until: "pod/pair[^?]*Tab all", look: "all" },
        { type: "pair" },
        { until: "(?m)pair$[^❯]*❯ pod/pair", look: "filtered" },
        { type: keys.enter },
        { until: "istio-proxy +mesh proxy", look: "containers" },
        { type: keys.down },
        { until: "❯ cart", type: keys.enter },
        { until: "^\\s*$" },
      ]);
      const all = screens["all"]?.join("\n") ?? "";
      t.match(all, /\? Which target\?/);
      t.match(all, /deployment\/web +shop +2\/2 ready +app/);
      t.match(all, /pod\/pair +shop +1\/1 ready +shop, cart \+1/);
      t.match(all, /type to filter/);
      t.notMatch(screens["filtered"]?.join("\n") ?? "", /deployment\/web/);
      t.match(screens["containers"]?.join("\n") ?? "", /shop +the first[\s\S]*cart[\s\S]*istio-proxy +\S+/);
      t.match(stdout, /pod\/pair\/container\/cart: /, "the command goes on with it");
      t.ok(code === 0 || code === 1, `doctor's own exit code: ${code}`);
    }),
    t.test("of all namespaces on Tab, and takes it along", async (t) => {
      const { stdout } = await play([
        { until: "deployment/web", type: "\t" },
        { until: "deployment/far +other", type: "far" },
        { until: "❯ deployment/far", rest: 0.2, type: keys.enter },
        { until: "^\\s*$" },
      ]);
      t.match(stdout, /deployment\/far: /);
    }),
    t.test("Esc and Ctrl-C leave it: exit code 130, stdout untouched, the screen as before", async (t) => {
      for (const key of [keys.escape, keys.interrupt]) {
        const { screens, code, stdout } = await play([{ until: "deployment/web", type: key }]);
        t.equal(code, 130);
        t.equal(stdout, "");
        t.same(
          screens["end"]?.filter((line) => line !== ""),
          ["left; nothing was started"],
        );
      }
    }),
    t.test("on a narrow screen no line breaks", async (t) => {
      const { screens } = await play(
        [{ until: "deployment/web", rest: 0.3, look: "narrow" }, { type: keys.escape }],
        { columns: 34 },
      );
      const lines = screens["narrow"] ?? [];
      t.ok(lines.every((line) => line.length < 34));
      t.equal(lines.filter((line) => line.includes("deployment/web")).length, 1);
    }),
  ]);
});

void t.test("where nobody can be asked it is an error that says what to write", async (t) => {
  const { environment } = await scene(t);
  for (const more of [{ CI: "true" }, { TERM: "dumb" }]) {
    const { code, screens } = await playScreen({
      command: [process.execPath, launcher, "steal", "-p", "80"],
      environment: { ...environment, ...more },
      steps: [],
      columns: 120,
    });
    t.equal(code, 2);
    t.match(screens["end"]?.join("\n") ?? "", /it is not said whose requests[\s\S]*Add --target/);
  }
});
