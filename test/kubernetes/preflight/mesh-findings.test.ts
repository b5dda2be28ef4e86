import t from "tap";
import type { KubernetesObject, Pod } from "../../../src/kubernetes/index.ts";
import { meshFindings, meshOf } from "../../../src/kubernetes/preflight/mesh-findings.ts";
import { levelLines } from "./level-lines.ts";

const web = { name: "web", image: "web:1" };

function podWith(about: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return { metadata: { name: "web-0", ...metadata }, spec: { containers: [web], ...about } };
}

const istio = { name: "istio-proxy", image: "docker.io/istio/proxyv2:1.27.3-distroless" };
const ambient: KubernetesObject = {
  metadata: { name: "shop", labels: { "istio.io/dataplane-mode": "ambient" } },
};

function examine(pod: Pod, ports: number[] = [], container = "web", namespace?: KubernetesObject): string {
  return levelLines(meshFindings({ pod, namespaceObject: namespace, ports, container }));
}

void t.test("a mesh is known by its sidecar, with its version", async (t) => {
  const cases: [Pod, string | undefined][] = [
    [podWith({ containers: [web, istio] }), "Istio 1.27.3"],
    [podWith({ initContainers: [{ ...istio, restartPolicy: "Always" }] }), "Istio 1.27.3"],
    [
      podWith({ containers: [web, { name: "istio-proxy", image: "registry:5000/proxyv2@sha256:ab12" }] }),
      "Istio",
    ],
    [
      podWith({ containers: [web, { name: "linkerd-proxy", image: "cr.l5d.io/linkerd/proxy:edge-25.9.1" }] }),
      "Linkerd 25.9.1",
    ],
    [podWith({ containers: [web, { name: "kuma-sidecar", image: "kuma-dp:2.11.0" }] }), "Kuma 2.11.0"],
    [podWith({}, { annotations: { "ambient.istio.io/redirection": "enabled" } }), "Istio (ambient)"],
    [podWith(), undefined],
  ];
  for (const [pod, name] of cases) t.equal(meshOf(pod, undefined)?.name, name);
});

void t.test("ambient is told by the namespace, unless the pod opted out", async (t) => {
  t.equal(meshOf(podWith(), ambient)?.kind, "istio-ambient");
  t.equal(meshOf(podWith({}, { labels: { "istio.io/dataplane-mode": "none" } }), ambient), undefined);
});

void t.test("what a mesh means for the ports is said", async (t) => {
  const pod = podWith({ containers: [web, istio] });
  t.match(
    examine(pod, [8080]),
    /^ok mesh: .*its sidecar \(istio-proxy\) has every connection first, on 15006/,
  );
  t.match(examine(pod, [15006]), /warning mesh-port: port 15006 is Istio 1\.27\.3's own/);
  t.match(examine(pod, [8080], "istio-proxy"), /warning mesh-container/);
  const excluded = podWith(
    { containers: [web, istio] },
    { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "9090,8080" } },
  );
  t.match(examine(excluded, [8080]), /note mesh-excluded: port 8080/);
  const tproxy = podWith(
    { containers: [web, istio] },
    { annotations: { "sidecar.istio.io/interceptionMode": "TPROXY" } },
  );
  t.match(examine(tproxy), /warning mesh-tproxy/);
  t.match(examine(podWith(), [8080], "web", ambient), /^ok mesh: .*ztunnel/);
  t.equal(examine(podWith(), [8080]), "");
});
