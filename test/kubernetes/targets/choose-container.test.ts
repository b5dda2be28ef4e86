import t from "tap";
import { chooseContainer } from "../../../src/kubernetes/targets/choose-container.ts";
import { samplePod } from "../../fixtures/kubernetes/sample-objects.ts";

const app = { name: "app", image: "shop/web:1", ports: [{ containerPort: 8080 }] };
const worker = { name: "worker", image: "shop/worker:1", ports: [{ containerPort: 9090 }] };
const mesh = { name: "istio-proxy", image: "istio/proxyv2:1.22", ports: [{ containerPort: 15090 }] };
const logs = { name: "logs", image: "fluent/fluent-bit:3" };
const podOf = (...containers: readonly object[]) =>
  samplePod("web", { containers: containers as (typeof app)[] });

void t.test("the only container is it, whatever it is", async (t) => {
  t.same(chooseContainer(podOf(app)), { name: "app", because: "the only one" });
  t.same(chooseContainer(podOf(mesh)), { name: "istio-proxy", because: "the only one" });
});

void t.test("the annotation that kubectl honours decides", async (t) => {
  const annotations = { "kubectl.kubernetes.io/default-container": "worker" };
  const pod = samplePod("web", { containers: [app, worker], annotations });
  t.match(chooseContainer(pod, { port: 8080 }), { name: "worker", because: /annotation kubectl/ });
});

void t.test("an annotation that names no container says nothing", async (t) => {
  const annotations = { "kubectl.kubernetes.io/default-container": "gone" };
  t.match(chooseContainer(samplePod("web", { containers: [mesh, app], annotations })), { name: "app" });
});

void t.test("sidecars are passed over, and it is said which", async (t) => {
  t.same(chooseContainer(podOf(mesh, logs, app)), {
    name: "app",
    because: "the only one beside istio-proxy (mesh proxy), logs (log shipper)",
  });
});

void t.test("of several apps, the one that declares the port", async (t) => {
  t.same(chooseContainer(podOf(app, worker, mesh), { port: 9090 }), {
    name: "worker",
    because: "which declares port 9090, of app, worker beside istio-proxy (mesh proxy)",
  });
});

void t.test("else the first, and it is said how to name another", async (t) => {
  t.match(chooseContainer(podOf(app, worker), { port: 1 }), {
    name: "app",
    because: "the first of app, worker; /container/<name> names another",
  });
});

void t.test("where all look like sidecars, the first", async (t) => {
  t.match(chooseContainer(podOf(mesh, logs)), { name: "istio-proxy", because: /all look like sidecars/ });
});

void t.test(
  "a named one counts, a native sidecar too, and what is not there is told with what is",
  async (t) => {
    const initContainers = [{ name: "proxy", restartPolicy: "Always" }, { name: "migrate" }];
    const pod = samplePod("web", { containers: [app, worker], spec: { initContainers } });
    t.match(chooseContainer(pod, { container: "worker" }), { name: "worker", because: "as asked" });
    t.match(chooseContainer(pod, { container: "proxy" }), { name: "proxy" });
    for (const container of ["migrate", "wroker"]) {
      t.throws(() => chooseContainer(pod, { container }), {
        code: "not-found",
        sought: container,
        candidates: ["app", "worker", "proxy"],
      });
    }
  },
);
