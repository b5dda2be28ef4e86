import t from "tap";
import type { Container, Pod, Probe } from "../../../src/kubernetes/api/objects.ts";
import { probesOnPort, specProbes } from "../../../src/kubernetes/probes/spec-probes.ts";

function podOf(container: Partial<Container>, more: Partial<Pod["spec"]> = {}): Pod {
  return {
    metadata: { name: "web-0", namespace: "shop" },
    spec: {
      containers: [{ name: "web", ports: [{ name: "http", containerPort: 8080 }], ...container }],
      ...more,
    },
  };
}

const live = (livenessProbe: Probe) => specProbes(podOf({ livenessProbe }))[0];

void t.test("an http probe is known by what the kubelet sends for its spec", async (t) => {
  const cases: [Probe["httpGet"], object][] = [
    [{ port: "http" }, { port: 8080, known: { kind: "http", path: "/", userAgent: "kube-probe/" } }],
    [
      { port: "8081", path: "healthz" },
      { port: 8081, known: { path: "/healthz" } },
    ],
    [{ port: "nobody" }, { port: undefined }],
    [{ port: 80, path: "/a b?x=1#y" }, { known: { path: "/a%20b?x=1" } }],
    [{ port: 80, path: "/a%20b" }, { known: { path: "/a%20b" } }],
    [{ port: 443, scheme: "HTTPS" }, { known: { kind: "https", serverName: null } }],
    [{ port: 443, scheme: "HTTPS", host: "shop.example" }, { known: { serverName: "shop.example" } }],
    [{ port: 443, scheme: "HTTPS", host: "10.0.0.1" }, { known: { serverName: null } }],
    [
      {
        port: 80,
        httpHeaders: [
          { name: "Host", value: "shop.example" },
          { name: "X-Probe", value: "1" },
          { name: "User-Agent", value: "health/2" },
        ],
      },
      { known: { headers: [["x-probe", "1"]], userAgent: "health/2" } },
    ],
    [{ port: 80, httpHeaders: [{ name: "user-agent", value: "" }] }, { known: { userAgent: null } }],
  ];
  for (const [httpGet, expected] of cases) {
    const probe = live(httpGet === undefined ? {} : { httpGet });
    t.match(probe, expected, JSON.stringify(httpGet));
  }
});

void t.test("probes of connections and gRPC, and hooks, are read too", async (t) => {
  const pod = podOf({
    livenessProbe: { tcpSocket: { port: "http" } },
    readinessProbe: { grpc: { port: 9090, service: "shop.Cart" } },
    startupProbe: { httpGet: { port: "http", path: "/started" } },
    lifecycle: { preStop: { httpGet: { port: "http", path: "/stop" } }, postStart: {} },
  });
  t.match(specProbes(pod), [
    { role: "liveness probe", port: 8080, known: { kind: "tcp" }, does: "connects to port 8080" },
    { role: "readiness probe", port: 9090, known: { kind: "grpc", userAgent: "kube-probe/" } },
    { role: "startup probe", port: 8080 },
    { role: "preStop hook", known: { path: "/stop", userAgent: "kube-lifecycle/" } },
  ]);
  t.match(
    probesOnPort(specProbes(pod), 8080).map(({ name }) => name),
    ["liveness probe of container web", "startup probe of container web", "preStop hook of container web"],
  );
});

void t.test("sidecars among the init containers have probes, those that run once have none", async (t) => {
  const readinessProbe = { httpGet: { port: 15021, path: "/healthz/ready" } };
  const initContainers = [
    { name: "migrate", readinessProbe },
    { name: "proxy", restartPolicy: "Always", readinessProbe },
  ];
  const found = specProbes(podOf({}, { initContainers }));
  t.same(
    found.map(({ container }) => container),
    ["proxy"],
  );
});

void t.test("probes that Istio has rewritten are what they were before", async (t) => {
  const kept = {
    "/app-health/web/livez": { httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" }, timeoutSeconds: 1 },
    "/app-health/web/readyz": { tcpSocket: { port: 8080 } },
    "/app-lifecycle/web/prestopz": { httpGet: { path: "/stop", port: 8080 } },
  };
  const rewritten = (path: string): Probe => ({ httpGet: { path, port: 15020 } });
  const proxy = {
    name: "istio-proxy",
    env: [{ name: "ISTIO_KUBE_APP_PROBERS", value: JSON.stringify(kept) }],
  };
  const web = {
    livenessProbe: rewritten("/app-health/web/livez"),
    readinessProbe: rewritten("/app-health/web/readyz"),
    lifecycle: { preStop: rewritten("/app-lifecycle/web/prestopz") },
  };
  const expected = [
    { port: 8080, known: { kind: "http", path: "/healthz" } },
    { port: 8080, known: { kind: "tcp" } },
    { port: 8080, known: { kind: "http", path: "/stop" } },
  ];
  t.match(specProbes(podOf(web, { initContainers: [proxy] })), expected, "as a native sidecar");
  t.match(
    specProbes(podOf(web, { initContainers: [] }))[0],
    { port: 15020 },
    "without the sidecar it is as written",
  );
});
