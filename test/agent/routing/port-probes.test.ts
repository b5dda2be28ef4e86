import t from "tap";
import { PortRoutes } from "../../../src/agent/routing/index.ts";
import { PortProbes } from "../../../src/agent/routing/port-probes.ts";
import type { PodProbe } from "../../../src/protocol/index.ts";
import { requestOf, subscriptionOf } from "./subscription-of.ts";

function probeOf(about: Partial<PodProbe>): PodProbe {
  const name = "liveness probe of container web";
  return {
    ...{ name, kind: "http", path: "/healthz", headers: [], userAgent: "kube-probe/", serverName: null },
    ...about,
  };
}

function request(line: string, ...fields: string[]) {
  return requestOf([`${line} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n"));
}

function endsOf(peer: string, original = "10.0.0.7") {
  return {
    peer: { family: peer.includes(":") ? 6 : 4, address: peer, port: 1 },
    original: { family: original.includes(":") ? 6 : 4, address: original, port: 80 },
  } as const;
}

void t.test("a probe that the spec gave another user agent is known by the spec", async (t) => {
  const probes = new PortProbes([probeOf({ userAgent: "health/2", headers: [["X-Probe", "yes"]] })]);
  const of = (line: string, ...fields: string[]) => probes.ofRequest(request(line, ...fields), undefined);
  const told = "the liveness probe of container web";
  t.equal(of("GET /healthz", "User-Agent: health/2", "x-probe: yes"), told);
  t.equal(of("GET /healthz", "User-Agent: health/2", "x-probe: no", "x-probe: yes"), told, "any of them");
  t.equal(of("GET /healthz?full", "User-Agent: health/2", "x-probe: yes"), undefined, "the query counts");
  t.equal(of("HEAD /healthz", "User-Agent: health/2", "x-probe: yes"), undefined);
  t.equal(of("GET /healthz", "User-Agent: health/2"), undefined);
  t.equal(of("GET /healthz", "x-probe: yes"), undefined);
  t.equal(
    of("GET /other", "User-Agent: kube-probe/1.36"),
    "a health probe (kube-probe/1.36)",
    "what has the kubelet's shape is one still",
  );
});

void t.test("a user agent that the spec takes away is one that must not be there", async (t) => {
  const probes = new PortProbes([probeOf({ userAgent: null })]);
  t.ok(probes.ofRequest(request("GET /healthz"), undefined));
  t.notOk(probes.ofRequest(request("GET /healthz", "User-Agent: curl/8"), undefined));
});

void t.test("a command that asks the app is known by the pod's own addresses alone", async (t) => {
  const probes = new PortProbes([
    probeOf({ name: "liveness probe of container web", kind: "exec", userAgent: "curl/" }),
  ]);
  const asked = request("GET /healthz", "User-Agent: curl/8.5.0");
  const from = (peer: string, original?: string) => probes.ofRequest(asked, endsOf(peer, original));
  t.ok(from("127.0.0.1", "127.0.0.1"));
  t.ok(from("::1", "::1"));
  t.ok(from("10.0.0.7"), "the pod asks itself by its own address");
  t.notOk(from("10.0.0.8"), "another pod");
  t.notOk(from("127.0.0.6"), "a mesh's sidecar passes on what others ask");
  t.notOk(probes.ofRequest(asked, undefined));
  t.notOk(probes.ofRequest(request("POST /healthz", "User-Agent: curl/8.5.0"), endsOf("127.0.0.1")));
});

void t.test("probes of gRPC and of connections are told by the container they are of", async (t) => {
  const probes = new PortProbes([
    probeOf({ kind: "grpc", path: null, name: "readiness probe of container web" }),
    probeOf({ kind: "tcp", path: null, userAgent: null, name: "startup probe of container web" }),
  ]);
  const call = request("POST /grpc.health.v1.Health/Check", "User-Agent: kube-probe/1.36 grpc-go/1.72.2");
  t.equal(probes.ofRequest(call, undefined), "the readiness probe of container web (kube-probe/1.36)");
  t.equal(probes.ofBareConnection, "the startup probe of container web");
  t.equal(new PortProbes([]).ofBareConnection, undefined);
});

void t.test("TLS that nobody reads is a probe's by the name it asks for", async (t) => {
  const byAddress = new PortProbes([probeOf({ kind: "https" })]);
  t.equal(byAddress.ofTls(null), "the liveness probe of container web");
  t.equal(byAddress.ofTls("shop.example"), undefined);
  t.equal(new PortProbes([probeOf({})]).ofTls(null), undefined, "one without TLS has none");
});

void t.test("what one session knows of the spec holds for all on the port", async (t) => {
  const knows = subscriptionOf("path == '/nothing'", { podProbes: [probeOf({ userAgent: "health/2" })] });
  const everything = subscriptionOf("everything");
  const routes = new PortRoutes({ port: 80, revision: 1, subscriptions: [everything, knows] });
  t.equal(routes.decide(request("GET /healthz", "User-Agent: health/2")), undefined);
  t.equal(routes.sparedProbe, "the liveness probe of container web");
  t.equal(routes.decide(request("GET /healthz", "User-Agent: health/3")), everything);
  const asked = subscriptionOf("everything", { probes: "steal", podProbes: [probeOf({})] });
  t.equal(
    new PortRoutes({ port: 80, revision: 1, subscriptions: [asked] }).decide(
      request("GET /healthz", "User-Agent: kube-probe/1.36"),
    ),
    asked,
  );
});
