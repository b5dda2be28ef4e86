import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { registerHooks } from "node:module";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";

/** Which packages have been loaded, and by which path into them. */
const loaded: string[] = [];
registerHooks({
  resolve: (specifier, context, next) => {
    loaded.push(specifier);
    return next(specifier, context);
  },
});
const { KubernetesApi, resources } = await import("../../../src/kubernetes/index.ts");

/** A server that notes what it is asked, and takes only some tokens; a kubeconfig for a user of it. */
async function scene(t: Test, options: { accepts?: (token: string | undefined) => boolean } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "magpie-login-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const asked: IncomingMessage["headers"][] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.headers);
    const isKnown = options.accepts?.(request.headers.authorization) ?? true;
    response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
    response.end(
      isKnown ? '{"items":[],"metadata":{}}' : '{"kind":"Status","code":401,"message":"Unauthorized"}',
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const open = async (user: object, more: { cluster?: object; environment?: NodeJS.ProcessEnv } = {}) => {
    const path = join(folder, "config");
    const config = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, ...more.cluster } }],
      users: [{ name: "u", user }],
    };
    await writeFile(path, JSON.stringify(config));
    const api = await KubernetesApi.open({ kubeconfig: path }, more.environment ?? {});
    t.teardown(() => api[Symbol.dispose]());
    return api;
  };
  const plugin = async (script: string) => {
    const path = join(folder, "plugin");
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return { apiVersion: "client.authentication.k8s.io/v1", command: "./plugin" };
  };
  return { folder, asked, open, plugin, port };
}

const credential = (token: string) =>
  `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'${token}'"}}'`;

void t.test("a token, a password and an impersonation are sent as the API wants them", async (t) => {
  const { asked, open } = await scene(t);
  await (await open({ token: "abc" })).list(resources.pods);
  await (await open({ username: "jane", password: "x" })).list(resources.pods);
  await (await open({ token: "abc", as: "joe", "as-groups": ["a", "b"] })).list(resources.pods);
  t.match(asked, [
    { authorization: "Bearer abc" },
    { authorization: `Basic ${Buffer.from("jane:x").toString("base64")}` },
    { authorization: "Bearer abc", "impersonate-user": "joe", "impersonate-group": "a, b" },
  ]);
});

void t.test("a token file is read again for each call", async (t) => {
  const { asked, open, folder } = await scene(t);
  const api = await open({ tokenFile: "token" });
  for (const token of ["one\n", "two\n"]) {
    await writeFile(join(folder, "token"), token);
    await api.list(resources.pods);
  }
  t.match(asked, [{ authorization: "Bearer one" }, { authorization: "Bearer two" }]);
});

void t.test("the library is not loaded for those who need nothing of it", async (t) => {
  const { open } = await scene(t);
  await (await open({ token: "abc" })).list(resources.pods);
  t.same(
    loaded.filter((specifier) => specifier.startsWith("@kubernetes/")),
    [],
  );
});

void t.test("a credential plugin is told whom it is for, and asked once", async (t) => {
  const { asked, open, plugin, folder } = await scene(t);
  const exec = await plugin(`echo "$KUBERNETES_EXEC_INFO" >> ${folder}/told; ${credential("fresh")}`);
  const api = await open({ exec: { ...exec, provideClusterInfo: true } });
  await Promise.all([api.list(resources.pods), api.list(resources.pods)]);
  await api.list(resources.pods);
  t.match(
    asked.map(({ authorization }) => authorization),
    ["Bearer fresh", "Bearer fresh", "Bearer fresh"],
  );
  const { readFile } = await import("node:fs/promises");
  const lines = (await readFile(join(folder, "told"), "utf8")).trim().split("\n");
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0] ?? ""), {
    kind: "ExecCredential",
    apiVersion: exec.apiVersion,
    spec: { interactive: false, cluster: { server: /^http:\/\/127/ } },
  });
  t.same(
    loaded.filter((specifier) => specifier.startsWith("@kubernetes/")),
    ["@kubernetes/client-node/dist/exec_auth.js"],
  );
});

void t.test("a credential that has expired is fetched again, once", async (t) => {
  const { asked, open, plugin, folder } = await scene(t, { accepts: (token) => token === "Bearer 2" });
  const exec = await plugin(`echo x >> ${folder}/count; ${credential(`"$(grep -c x ${folder}/count)"`)}`);
  await (await open({ exec })).list(resources.pods);
  t.match(asked, [{ authorization: "Bearer 1" }, { authorization: "Bearer 2" }]);
  await t.rejects((await open({ token: "old" })).list(resources.pods), { code: "unauthorized" });
  t.equal(asked.length, 3, "a token of the kubeconfig stays what it is");
});

void t.test(
  "a plugin that fails or is not there is told with its name, its words and the installation hint",
  async (t) => {
    const { open, plugin } = await scene(t);
    const failing = await open({ exec: await plugin("echo 'please log in' >&2; exit 1") });
    await t.rejects(failing.list(resources.pods), {
      code: "credentials",
      message: /plugin of user|plugin.*please log in/,
    });
    const missing = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "magpie-none",
      installHint: "install none",
    };
    await t.rejects((await open({ exec: missing })).list(resources.pods), {
      code: "credentials",
      message: "the credential plugin magpie-none of user u is not installed",
      hint: "install none",
    });
  },
);

void t.test(
  "a proxy of the kubeconfig or the environment is used, but not for loopback unless it says so",
  async (t) => {
    const { asked, open, port } = await scene(t);
    const proxied: string[] = [];
    const proxy = createServer().listen(0, "127.0.0.1");
    proxy.on("connect", (request, socket) => {
      proxied.push(request.url ?? "");
      const way = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(way).pipe(socket);
      });
      way.on("error", () => socket.destroy());
      socket.on("error", () => way.destroy());
    });
    await once(proxy, "listening");
    t.teardown(() => proxy.close());
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`; // It listens on TCP.
    await (await open({ token: "abc" }, { environment: { HTTP_PROXY: proxyUrl } })).list(resources.pods);
    t.same(proxied, [], "loopback is never sent through a proxy of the environment");
    await (await open({ token: "abc" }, { cluster: { "proxy-url": proxyUrl } })).list(resources.pods);
    const elsewhere = {
      cluster: { server: "http://cluster.example" },
      environment: { http_proxy: proxyUrl },
    };
    await (await open({ token: "abc" }, elsewhere)).list(resources.pods);
    t.same(proxied, [`127.0.0.1:${port}`, "cluster.example:80"]);
    const excepted = { ...elsewhere.environment, no_proxy: "other,.example" };
    const direct = await open({ token: "abc" }, { ...elsewhere, environment: excepted });
    await t.rejects(direct.list(resources.pods, { timeoutMs: 2_000 }));
    t.equal(proxied.length, 2);
    t.match(asked.at(-1), { authorization: "Bearer abc" });
  },
);
