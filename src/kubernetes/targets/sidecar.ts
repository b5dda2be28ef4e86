import type { Container } from "../api/objects.ts";

/** What stands beside apps in pods: by the names that injectors give, and by images. */
const known: readonly { readonly what: string; readonly name?: RegExp; readonly image?: RegExp }[] = [
  {
    what: "mesh proxy",
    name: /^(?:istio-proxy|linkerd-proxy|envoy(?:-sidecar)?|consul-dataplane|consul-connect-.*|kuma-sidecar|osm-envoy|aws-appmesh-.*|xray-daemon|dapr|daprd|traffic-agent|cilium-envoy)$/,
    image:
      /(?:^|\/)(?:proxyv2|istio\/proxy.*|linkerd(?:-io)?\/proxy|envoy|envoyproxy\/.*|consul-dataplane|kuma-dp|daprd|aws-appmesh-envoy)(?=[:@]|$)/,
  },
  {
    what: "log shipper",
    name: /^(?:fluent-?bit|fluentd|filebeat|logstash|promtail|vector|log-(?:agent|forwarder|router|shipper)|logging-sidecar)$/,
    image: /(?:^|\/)(?:fluent-bit|aws-for-fluent-bit|fluentd|filebeat|logstash|promtail|vector)(?=[:@]|$)/,
  },
  {
    what: "secrets agent",
    name: /^(?:vault-agent(?:-init)?|secrets?-(?:agent|sync)|conjur-.*)$/,
    image: /(?:^|\/)(?:vault|vault-k8s)(?=[:@]|$)/,
  },
  {
    what: "telemetry agent",
    name: /^(?:datadog(?:-agent)?|dd-agent|newrelic-.*|otc-container|otel-(?:agent|collector)|opentelemetry-.*|jaeger-agent|telegraf|metricbeat|elastic-agent|cloudwatch-agent|.*-exporter)$/,
    image:
      /(?:^|\/)(?:datadog\/agent|opentelemetry-collector(?:-contrib|-k8s)?|jaeger-agent|telegraf|metricbeat|elastic-agent|cloudwatch-agent|[^/]*[-_]exporter)(?=[:@]|$)/,
  },
  {
    what: "database proxy",
    name: /^(?:cloud-?sql-proxy|cloudsql-.*|alloydb-auth-proxy|pgbouncer)$/,
    image: /(?:^|\/)(?:cloud-sql-proxy|gce-proxy|alloydb-auth-proxy|pgbouncer)(?=[:@]|$)/,
  },
  {
    what: "login proxy",
    name: /^(?:oauth2?-proxy|kube-rbac-proxy|authservice)$/,
    image: /(?:^|\/)(?:oauth2-proxy|kube-rbac-proxy)(?=[:@]|$)/,
  },
  {
    what: "file or configuration sync",
    name: /^(?:git-sync|config-reloader|configmap-reload|k8s-sidecar)$/,
    image: /(?:^|\/)(?:git-sync|configmap-reload|prometheus-config-reloader|k8s-sidecar)(?=[:@]|$)/,
  },
];

/** Says what a container is beside the app, `mesh proxy` for one; undefined for what may be the app. */
export function sidecarKind({ name, image = "" }: Container): string | undefined {
  return known.find((kind) => kind.name?.test(name) === true || kind.image?.test(image) === true)?.what;
}
