import type { IncomingMessage } from "node:http";
import t, { type Test } from "tap";
import { findCluster, KubernetesApi, resources } from "../../../src/kubernetes/index.ts";
import { Certificates } from "../../fixtures/certificates.ts";
import { ApiStatus } from "../../fixtures/kubernetes/api-status.ts";
import { FakeCluster, fakeServerName } from "../../fixtures/kubernetes/fake-cluster.ts";
import { samplePod } from "../../fixtures/kubernetes/sample-objects.ts";

type Intercept = (request: IncomingMessage, count: number) => ApiStatus | "hang" | undefined;

async function scene(t: Test, intercept?: Intercept) {
  const cluster = await FakeCluster.open();
  t.teardown(() => cluster[Symbol.asyncDispose]());
  let count = 0;
  if (intercept !== undefined) cluster.intercept = (request) => intercept(request, ++count);
  const api = await KubernetesApi.open({ kubeconfig: await cluster.kubeconfig(), namespace: "shop" });
  t.teardown(() => api[Symbol.dispose]());
  return { cluster, api };
}

const busy = new ApiStatus(429, "TooManyRequests", "too many requests", { retryAfterSeconds: 0 });

void t.test("a server that is too busy is asked again, as it says", async (t) => {
  const { api, cluster } = await scene(t, (_request, count) => (count < 3 ? busy : undefined));
  await t.resolves(api.list(resources.pods, { namespace: "shop" }));
  t.equal(cluster.requests.length, 3);
});

void t.test("a server that stays too busy is not asked for ever", async (t) => {
  const { api, cluster } = await scene(t, () => busy);
  await t.rejects(api.list(resources.pods), { code: "throttled", message: /too busy: too many requests/ });
  t.equal(cluster.requests.length, 5);
});

void t.test("a server that asks for a long pause is taken at its word, and the user told", async (t) => {
  const { api, cluster } = await scene(
    t,
    () => new ApiStatus(429, "TooManyRequests", "come later", { retryAfterSeconds: 60 }),
  );
  await t.rejects(api.list(resources.pods), { code: "throttled" });
  t.equal(cluster.requests.length, 1);
});

void t.test(
  "a kubelet that writes the pod's status meanwhile is no failure of an added container",
  async (t) => {
    const modified = new ApiStatus(409, "Conflict", "the object has been modified");
    const { api, cluster } = await scene(t, (_request, count) => (count < 3 ? modified : undefined));
    cluster.put(samplePod("web"));
    const added = await api.addEphemeralContainer(
      { namespace: "shop", name: "web" },
      { name: "guest", image: "agent:1" },
    );
    t.equal(added.spec.ephemeralContainers?.length, 1);
    t.equal(cluster.requests.length, 3);
  },
);

void t.test(
  "a server that does not answer is told with its address, after the time that was given",
  async (t) => {
    const { api, cluster } = await scene(t, () => "hang");
    await t.rejects(api.list(resources.pods, { timeoutMs: 50 }), {
      code: "timeout",
      message: `the API server ${cluster.url} (context fake) did not answer within 0.05 s`,
    });
    const exec = { namespace: "shop", pod: "web", container: "app", command: ["true"], timeoutMs: 50 };
    await t.rejects(api.exec(exec), { code: "timeout" });
  },
);

void t.test("an aborted call rejects with the signal's reason, before and while it runs", async (t) => {
  const { api } = await scene(t, () => "hang");
  await t.rejects(api.list(resources.pods, { signal: AbortSignal.abort(new Error("enough")) }), {
    message: "enough",
  });
  const stop = new AbortController();
  const call = api.list(resources.pods, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await t.rejects(call, { message: "enough" });
});

void t.test("a connection that the server has closed meanwhile is no failure", async (t) => {
  const { api, cluster } = await scene(t);
  await api.list(resources.pods);
  await cluster.fail();
  await cluster.restore();
  await t.resolves(api.list(resources.pods));
});

void t.test("a server that is away is unreachable, with the reason and what may be done", async (t) => {
  const { api, cluster } = await scene(t);
  await cluster.fail();
  await t.rejects(api.list(resources.pods), {
    code: "unreachable",
    message: `the API server ${cluster.url} (context fake) cannot be reached: connect ECONNREFUSED`,
    hint: /Is the cluster up/,
  });
  const exec = { namespace: "shop", pod: "web", container: "app", command: ["true"] };
  await t.rejects(api.exec(exec), { code: "unreachable" });
});

void t.test("what an admission rule says is no missing right", async (t) => {
  const said = 'pods "web" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities';
  const { api } = await scene(t, () => new ApiStatus(403, "Forbidden", said));
  await t.rejects(api.create(resources.pods, samplePod("web")), {
    code: "denied",
    message: said,
    missing: undefined,
  });
});

void t.test("a missing right is named: verb, resource with its part, group and namespace", async (t) => {
  const { api, cluster } = await scene(t);
  cluster.put(samplePod("web"));
  cluster.users = [{ name: "jane", token: "admin-token", rules: [] }];
  const cases: [call: () => Promise<unknown>, missing: object, message: RegExp][] = [
    [
      () => api.exec({ namespace: "shop", pod: "web", container: "app", command: ["true"] }),
      { verb: "create", resource: "pods", subresource: "exec", group: "", namespace: "shop", name: "web" },
      /^jane may not create pods\/exec in namespace shop \(context fake\)$/,
    ],
    [
      () => api.portForward({ namespace: "shop", pod: "web", port: 80 }),
      { verb: "create", resource: "pods", subresource: "portforward", namespace: "shop" },
      /create pods\/portforward in namespace shop/,
    ],
    [
      () => api.addEphemeralContainer({ namespace: "shop", name: "web" }, { name: "a", image: "b" }),
      { verb: "patch", resource: "pods", subresource: "ephemeralcontainers" },
      /patch pods\/ephemeralcontainers in namespace shop/,
    ],
    [
      () => api.list(resources.deployments),
      { verb: "list", resource: "deployments", group: "apps" },
      /list deployments\.apps in the whole cluster/,
    ],
    [
      () => api.get(resources.nodes, { name: "one" }),
      { verb: "get", resource: "nodes" },
      /get nodes in the whole cluster/,
    ],
  ];
  for (const [call, missing, message] of cases)
    await t.rejects(call(), { code: "forbidden", missing, message });
});

void t.test("an access review answers for others' rules as for one's own", async (t) => {
  const { api, cluster } = await scene(t);
  const rules = [{ verbs: ["create"], resources: ["pods/exec"], namespaces: ["shop"] }];
  cluster.users = [{ name: "jane", token: "admin-token", rules }];
  const exec = { verb: "create", group: "", resource: "pods", subresource: "exec" };
  t.match(await api.reviewAccess({ ...exec, namespace: "shop" }), { allowed: true });
  t.match(await api.reviewAccess({ ...exec, namespace: "other" }), { allowed: false });
});

void t.test("what is no JSON is told as such", async (t) => {
  const { api } = await scene(t);
  const unknown = { group: "nobody", version: "v1", plural: "x", kind: "X", namespaced: true };
  await t.rejects(api.list(unknown), { code: "not-found", message: "404 page not found" });
});

void t.test(
  "a server whose certificate nobody vouches for, or of another name, is not spoken to",
  async (t) => {
    await using own = await Certificates.create();
    await using others = await Certificates.create();
    const server = await own.issue(fakeServerName);
    await using cluster = await FakeCluster.open({ tls: { server, ca: own.ca } });
    const access = await findCluster({ kubeconfig: await cluster.kubeconfig() });
    const told = { code: "unreachable", hint: /Its certificate is not what the kubeconfig expects/ };
    const wrong = [
      { caData: Buffer.from(others.ca.cert).toString("base64") },
      { tlsServerName: "other.example" },
      { tlsServerName: undefined },
    ];
    for (const change of wrong) {
      using api = new KubernetesApi({ ...access, cluster: { ...access.cluster, ...change } });
      await t.rejects(api.list(resources.pods), told, Object.keys(change).join());
      const exec = { namespace: "shop", pod: "web", container: "app", command: ["true"] };
      await t.rejects(api.exec(exec), told);
    }
    t.same(cluster.requests, []);
    using careless = new KubernetesApi({
      ...access,
      cluster: { ...access.cluster, caData: undefined, skipTlsVerify: true },
    });
    await t.resolves(careless.list(resources.pods));
  },
);

void t.test("plain HTTP where TLS is expected, and the reverse, is told as such", async (t) => {
  const { cluster } = await scene(t);
  const access = await findCluster({ kubeconfig: await cluster.kubeconfig() });
  const server = access.cluster.server.replace("http:", "https:");
  using api = new KubernetesApi({ ...access, cluster: { ...access.cluster, server } });
  await t.rejects(api.list(resources.pods), { code: "unreachable", hint: /the wrong one of http and https/ });
});
