import t from "tap";
import { probeName } from "../../../src/agent/routing/probe.ts";
import { PortRoutes, type Subscription } from "../../../src/agent/routing/index.ts";
import { requestOf, subscriptionOf } from "./subscription-of.ts";

function request(line: string, agent?: string) {
  return requestOf(
    `${line} HTTP/1.1\r\nHost: a\r\n${agent === undefined ? "" : `user-AGENT: ${agent}\r\n`}\r\n`,
  );
}

void t.test("the kubelet's requests are known by their shape", (t) => {
  const probes = [
    ["GET /healthz", "kube-probe/1.36", "kube-probe/1.36"],
    ["GET /", "kube-probe/1.36+", "kube-probe/1.36+"],
    ["GET /start", "kube-lifecycle/1.36", "kube-lifecycle/1.36"],
    ["POST /grpc.health.v1.Health/Check", "kube-probe/1.36 grpc-go/1.72.2", "kube-probe/1.36"],
    ["POST /grpc.health.v1.Health/Watch", "kube-probe/1.36 grpc-go/1.72.2", "kube-probe/1.36"],
  ] as const;
  for (const [line, agent, name] of probes) t.equal(probeName(request(line, agent)), name, line);
  t.end();
});

void t.test("everybody else's are not", (t) => {
  const others = [
    ["POST /healthz", "kube-probe/1.36"],
    ["GET /healthz", "curl/8.0"],
    ["GET /healthz", "my kube-probe/1.36"],
    ["GET /healthz", "kube-proxy/1.36"],
    ["GET /healthz", "kube-probe/"],
    ["GET /healthz", undefined],
    ["POST /grpc.health.v1.Health/Check", "grpc-go/1.72.2"],
    ["POST /shop.Cart/Add", "kube-probe/1.36 grpc-go/1.72.2"],
  ] as const;
  for (const [line, agent] of others) t.equal(probeName(request(line, agent)), undefined, `${line} ${agent}`);
  t.equal(
    probeName(request("GET /", `kube-probe/${"1".repeat(100)}`))?.length,
    51,
    "what is told of it is bounded",
  );
  t.end();
});

void t.test("a probe goes to the app, or to whoever asked for probes", (t) => {
  const probe = request("GET /healthz", "kube-probe/1.36");
  const routesOf = (...subscriptions: Subscription[]) =>
    new PortRoutes({ port: 80, revision: 1, subscriptions });
  const everything = routesOf(subscriptionOf("everything"));
  t.equal(everything.decide(probe), undefined);
  t.equal(everything.sparedProbe, "a health probe (kube-probe/1.36)");
  t.ok(everything.decide(request("GET /healthz", "curl/8.0")));
  t.equal(everything.sparedProbe, undefined, "it is the last decision that is told");

  const first = subscriptionOf("path ^= '/'", { priority: 2 });
  const asked = subscriptionOf("path ^= '/h'", { priority: 1, probes: "steal" });
  const rest = subscriptionOf("everything");
  const shared = routesOf(first, asked, rest);
  t.equal(shared.decide(probe), asked, "though others come before it");
  t.equal(shared.decide(request("GET /ready", "kube-probe/1.36")), undefined);
  t.equal(shared.decide(request("GET /healthz", "curl/8.0")), first);
  const all = subscriptionOf("everything", { probes: "steal" });
  t.equal(routesOf(first, all).decide(probe), all);

  const mine = routesOf(subscriptionOf("header(x-user) == ann"));
  t.equal(mine.decide(probe), undefined);
  t.equal(mine.sparedProbe, undefined, "what no filter matches was the app's anyway");
  t.end();
});
