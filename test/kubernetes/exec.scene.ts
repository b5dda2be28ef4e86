import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { Developer, developerRules } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("exec");
await namespace.applyExample();
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const kubeconfig = await namespace.user("developer", developerRules);
const ann = new Developer({ cluster, kubeconfig, runtimeDirectory });
const folder = mkdtempSync(join(tmpdir(), "magpie-exec-"));
t.teardown(async () => {
  rmSync(folder, { recursive: true });
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const target = ["--target", "deployment/web"];

void t.test("a program reads the pod's variables, Secret and ConfigMap", async (t) => {
  const script =
    'echo "$GREETING, $PASSWORD"; cat /etc/web/page.txt /etc/web-secret/password; echo; cat /etc/hostname';
  const { code, text, errors } = await ann.run([
    "exec",
    ...target,
    "--no-incoming",
    "--",
    "sh",
    "-c",
    script,
  ]);
  t.equal(code, 0, errors);
  const password = "correct horse battery staple";
  const [variables, page, file, hostname] = text.split("\n");
  t.equal(variables, `good morning, ${password}`);
  t.equal(page, "the page of the pod");
  t.equal(file, password);
  const names = (await namespace.pods("app=web")).map(({ metadata }) => metadata.name);
  t.ok(names.includes(hostname ?? ""), `${hostname} is one of ${names.join()}`);
});

void t.test("a program talks to the Kubernetes API as the pod's service account", async (t) => {
  const file = join(folder, "ask-api.mjs");
  writeFileSync(
    file,
    `import { readFileSync } from "node:fs";
     import { request } from "node:https";
     const account = "/var/run/secrets/kubernetes.io/serviceaccount/";
     const read = (name) => readFileSync(account + name, "utf8");
     const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
     const path = "/api/v1/namespaces/" + read("namespace") + "/pods?labelSelector=app%3Dweb";
     const headers = { authorization: "Bearer " + read("token") };
     request({ host, port, path, headers, ca: read("ca.crt") }, (response) => {
       let text = "";
       response.on("data", (part) => (text += part));
       response.on("end", () => console.log(response.statusCode, JSON.parse(text).items?.length));
     }).on("error", (error) => { console.error(error); process.exitCode = 1; }).end();`,
  );
  const command = ["exec", ...target, "--no-incoming", "--", process.execPath, file];
  const { code, text, errors } = await ann.run(command);
  t.equal(code, 0, errors);
  t.equal(text, "200 3", errors);
});

void t.test("a program serves in the pods' place, and dies with its session", async (t) => {
  const file = join(folder, "serve.mjs");
  writeFileSync(
    file,
    `import { createServer } from "node:http";
     createServer((_, response) => response.end(JSON.stringify({ by: "local", greeting: process.env.GREETING })))
       .listen(8080, () => console.log("serving"));`,
  );
  const filter = ["--steal", "--header", "x-tenant: blue"];
  await using exec = await ann.start(["exec", ...target, ...filter, "--", process.execPath, file]);
  await exec.line(/^serving$/, { timeoutMs: 240_000 });
  await exec.line(/8080/, { timeoutMs: 240_000 });
  for (const { status } of await namespace.pods("app=web")) {
    const url = `http://${status.podIP}:8080/`;
    // Ports are subscribed to as the program opens them, pod by pod.
    await until(async () => (await caller.answeredBy(url, { "x-tenant": "blue" })) === "local", {
      what: `the program to serve in the place of ${url}`,
      timeoutMs: 240_000,
    });
    const answer = await caller.call({ url, headers: { "x-tenant": "blue", connection: "close" } });
    t.match(answer.error ?? JSON.parse(answer.body), { by: "local", greeting: "good morning" });
    const other = await caller.call({ url, headers: { connection: "close" } });
    t.match(other.error ?? JSON.parse(other.body), { by: "original" });
  }
  exec.signal("SIGINT");
  await exec.exited;
});
