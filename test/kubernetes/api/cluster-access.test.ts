import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type ClusterFlags, findCluster } from "../../../src/kubernetes/index.ts";

async function files(t: Test, contents: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "magpie-kubeconfig-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const paths: Record<string, string> = {};
  for (const [name, text] of Object.entries(contents)) {
    const path = join(folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
    paths[name] = path;
  }
  const find = (flags: ClusterFlags, environment: NodeJS.ProcessEnv = {}) =>
    findCluster(flags, { HOME: folder, ...environment });
  return { folder, find, path: (name: string) => join(folder, name) };
}

const one = `
apiVersion: v1
kind: Config
current-context: near
contexts:
- {name: near, context: {cluster: near, user: jane, namespace: shop}}
- {name: 42, context: {cluster: near, user: jane}}
- {name: astray, context: {cluster: nowhere, user: jane}}
- {name: nobody, context: {cluster: near, user: nobody}}
clusters:
- {name: near, cluster: {server: "https://near.example:6443/", certificate-authority: ca.pem, tls-server-name: api}}
users:
- {name: jane, user: {token: first}}
`;
const two = `
current-context: far
contexts:
- {name: far, context: {cluster: far, user: joe}}
clusters:
- {name: far, cluster: {server: "https://far.example", insecure-skip-tls-verify: true, certificate-authority-data: Y2E=}}
- {name: near, cluster: {server: "https://impostor.example"}}
users:
- name: joe
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a, 1], env: [{name: A, value: b}]}
- {name: jane, user: {token: second}}
`;

void t.test(
  "the current context says cluster, user and namespace; paths are relative to the file",
  async (t) => {
    const { find, path } = await files(t, { one });
    t.match(await find({ kubeconfig: path("one") }), {
      context: "near",
      namespace: "shop",
      cluster: {
        server: "https://near.example:6443",
        caFile: path("ca.pem"),
        tlsServerName: "api",
        skipTlsVerify: false,
      },
      user: { name: "jane", token: "first" },
      sources: [path("one")],
    });
  },
);

void t.test("flags go before the kubeconfig; without a namespace it is default", async (t) => {
  const { find, path } = await files(t, { one });
  const kubeconfig = path("one");
  t.match(await find({ kubeconfig, namespace: "other" }), { namespace: "other" });
  t.match(await find({ kubeconfig, context: "42" }), { context: "42", namespace: "default" });
});

void t.test(
  "several files are one: the first that says something counts, missing ones are passed over",
  async (t) => {
    const { find, path } = await files(t, { one, two });
    const environment = { KUBECONFIG: [path("missing"), path("one"), "", path("two")].join(":") };
    t.match(await find({}, environment), {
      context: "near",
      cluster: { server: "https://near.example:6443" },
      user: { token: "first" },
    });
    t.match(await find({ context: "far" }, environment), {
      cluster: { server: "https://far.example", skipTlsVerify: true, caData: "Y2E=" },
      user: { exec: { command: path("login"), args: ["a", "1"], env: [{ name: "A", value: "b" }] } },
    });
  },
);

void t.test("without KUBECONFIG it is ~/.kube/config", async (t) => {
  const { find, path } = await files(t, { ".kube/config": one });
  t.match(await find({}), { context: "near", sources: [path(".kube/config")] });
});

void t.test("what is wrong is told with the file and what is there instead", async (t) => {
  const { find, path } = await files(t, { one, broken: "a: [", list: "- a", empty: "" });
  const kubeconfig = path("one");
  const cases: [flags: ClusterFlags, expected: object][] = [
    [{ kubeconfig: path("none") }, { message: `the kubeconfig ${path("none")} does not exist` }],
    [{ kubeconfig: path("broken") }, { message: /broken is no YAML: / }],
    [{ kubeconfig: path("list") }, { message: /list is no mapping/ }],
    [{ kubeconfig: path("empty") }, { message: /names no current context/ }],
    [
      { kubeconfig, context: "neer" },
      { message: /has no context "neer"/, candidates: ["near", "42", "astray", "nobody"] },
    ],
    [
      { kubeconfig, context: "astray" },
      { message: /names the cluster "nowhere"/, candidates: ["near"] },
    ],
    [
      { kubeconfig, context: "nobody" },
      { message: /names the user "nobody"/, candidates: ["jane"] },
    ],
  ];
  for (const [flags, expected] of cases)
    await t.rejects(find(flags), { code: "kubeconfig", ...expected }, JSON.stringify(expected));
});

void t.test("where nothing names a cluster that is told apart from a file that is missing", async (t) => {
  const { find, path } = await files(t, {});
  await t.rejects(find({}), { code: "no-cluster" });
  await t.rejects(find({}, { KUBECONFIG: path("none") }), {
    code: "kubeconfig",
    message: /none cannot be read/,
  });
  await t.rejects(find({ context: "near" }), { code: "kubeconfig" });
});
