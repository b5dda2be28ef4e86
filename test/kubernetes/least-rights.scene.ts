import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { runCli } from "../client/cli/run-cli.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { Rule } from "./cluster/test-namespace.ts";
import { LocalProgram } from "./local-program.ts";
import { Developer } from "./magpie.ts";

const cluster = await Cluster.start();
const namespace = await cluster.namespace("rights");
await namespace.applyExample();
const runtimeDirectory = await RuntimeDirectory.create();
t.teardown(async () => {
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const target = "deployment/web";
const agent = ["--agent", "ephemeral", "--agent-linger", "0s"];

/** A kubeconfig of a service account that may do nothing yet: its token is its own. */
async function serviceAccount(name: string): Promise<string> {
  await namespace.apply(
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `${name}-key`, annotations: { "kubernetes.io/service-account.name": name } },
      type: "kubernetes.io/service-account-token",
    },
  );
  for (;;) {
    const path = "jsonpath={.data.token}";
    const token = await namespace.kubectl("get", "secret", `${name}-key`, "-o", path);
    if (token !== "")
      return await cluster.writeKubeconfig(
        `${name}-${namespace.name}`,
        { token: Buffer.from(token, "base64").toString() },
        namespace.name,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function bind(name: string, rules: readonly Rule[]): Promise<void> {
  await namespace.apply(
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name },
      subjects: [{ kind: "ServiceAccount", name, namespace: namespace.name }],
      roleRef: { kind: "Role", apiGroup: "rbac.authorization.k8s.io", name },
    },
  );
}

/** The rules of the Role that the doctor prints, as the API server has read them. */
async function printedRules(KUBECONFIG: string, user: string): Promise<Rule[]> {
  const printed = await runCli(["doctor", "-t", target, "--agent", "ephemeral", "--rbac"], { KUBECONFIG });
  const yaml = printed.stdout.replaceAll("REPLACE-WITH-THE-USER-NAME", user);
  await namespace.apply(yaml);
  const name = /^ {2}name: (\S+)$/m.exec(yaml)?.[1] ?? "";
  const stored = await namespace.kubectl("get", "role", name, "-o", "json");
  await namespace.kubectl("delete", "role", name);
  await namespace.kubectl("delete", "rolebinding", name);
  return (JSON.parse(stored) as { rules: Rule[] }).rules; // The API server's own shape.
}

void t.test(
  "a service account with the doctor's Role may steal and exec, and nothing in it is for nothing",
  async (t) => {
    const name = "ada";
    const kubeconfig = await serviceAccount(name);
    const ada = new Developer({ cluster, kubeconfig, runtimeDirectory });
    const rules = await printedRules(kubeconfig, `system:serviceaccount:${namespace.name}:${name}`);
    t.notMatch(JSON.stringify(rules), /secrets|nodes|\*/);
    await bind(name, rules);

    await using local = await LocalProgram.start();
    const steal = [
      "--target",
      target,
      "--port",
      `8080:${local.port}`,
      "--max-requests",
      "1",
      "--for",
      "1s",
      ...agent,
    ];
    const stolen = await ada.run(["steal", ...steal]);
    t.equal(stolen.code, 0, stolen.errors);
    const exec = ["exec", "--target", target, "--no-incoming", ...agent, "--", "printenv", "GREETING"];
    t.match(await ada.run(exec), { code: 0, text: /good morning/ });

    for (const [index, rule] of rules.entries())
      for (const verb of rule.verbs)
        for (const resource of rule.resources) {
          // All that there was but this verb of this resource.
          const others = rules.filter((_, other) => other !== index);
          const left = [
            { ...rule, resources: rule.resources.filter((one) => one !== resource) },
            { ...rule, resources: [resource], verbs: rule.verbs.filter((one) => one !== verb) },
          ].filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0);
          await bind(name, [...others, ...left]);
          const lacking = await ada.run(["steal", ...steal]);
          const what = `${verb} ${resource}`;
          // Pods that come later are not joined then: that is told, and it works.
          if (verb === "watch") t.match(lacking.errors, /watch pods|not (?:joined|seen)/, what);
          else {
            t.not(lacking.code, 0, `without ${what} it does not work`);
            t.match(lacking.errors, new RegExp(`may not ${verb} `), what);
          }
        }
  },
);
