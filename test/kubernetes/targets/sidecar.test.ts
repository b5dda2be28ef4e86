import t from "tap";
import { sidecarKind } from "../../../src/kubernetes/targets/sidecar.ts";

void t.test("a sidecar is known by its name", async (t) => {
  const names = [
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "vault-agent",
    "fluent-bit",
    "fluentbit",
    "filebeat",
    "datadog",
    "datadog-agent",
    "cloudsql-proxy",
    "cloud-sql-proxy",
    "otel-collector",
    "oauth2-proxy",
    "daprd",
    "redis-exporter",
  ];
  for (const name of names) t.ok(sidecarKind({ name }), name);
});

void t.test("a sidecar is known by its image, whatever registry and tag", async (t) => {
  const images = [
    "docker.io/istio/proxyv2:1.22",
    "cr.l5d.io/linkerd/proxy:edge",
    "envoyproxy/envoy:v1.30",
    "hashicorp/vault:1.15",
    "fluent/fluent-bit",
    "registry.example:5000/mirror/fluent-bit@sha256:abc",
    "docker.elastic.co/beats/filebeat:8",
    "gcr.io/datadog/agent:7",
    "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2",
    "quay.io/prometheuscommunity/postgres-exporter:v0.15",
  ];
  for (const image of images) t.ok(sidecarKind({ name: "x", image }), image);
});

void t.test("an app is none, though its name or image sounds like one", async (t) => {
  const apps = [
    { name: "app", image: "shop/web:1" },
    { name: "proxy", image: "shop/proxy:1" },
    { name: "nginx", image: "nginx" },
    { name: "vault-ui", image: "shop/vault-ui" },
    { name: "agent", image: "shop/agent" },
    { name: "my-envoy-control", image: "shop/envoy-control:3" },
    { name: "web" },
  ];
  for (const app of apps) t.equal(sidecarKind(app), undefined, app.image ?? app.name);
});
