import { loadAll } from "js-yaml";
import t from "tap";
import { runPreflight, roleYaml } from "../../../src/kubernetes/index.ts";
import { roleRules } from "../../../src/kubernetes/preflight/role-yaml.ts";
import type { AccessRule } from "../../fixtures/kubernetes/access-rules.ts";
import { bySteal, openStage } from "./stage.ts";

const { signal } = new AbortController();

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly subjects?: readonly object[];
}

/** The rules of the Roles in a YAML text, as the fake API server grants them. */
function granted(yaml: string): AccessRule[] {
  const documents = loadAll(yaml) as Role[]; // What roleYaml writes.
  return documents.flatMap(({ kind, metadata, rules = [] }) =>
    kind !== "Role"
      ? []
      : rules.map(({ apiGroups, resources, resourceNames, verbs }) => ({
          verbs,
          resources,
          groups: apiGroups,
          namespaces: [metadata.namespace],
          ...(resourceNames === undefined ? {} : { names: resourceNames }),
        })),
  );
}

for (const features of [
  bySteal,
  { ...bySteal, looksIntoApp: true },
  { ...bySteal, form: "pod" as const },
  { ...bySteal, form: "pod" as const, agentNamespace: "tools" },
])
  void t.test(`the Role is enough, and holds nothing too much: ${JSON.stringify(features)}`, async (t) => {
    await using stage = await openStage([]);
    stage.cluster.put({ kind: "Namespace", metadata: { name: "tools" } });
    const request = { ...stage.request, features };
    const examine = async (rules: readonly AccessRule[]) => {
      stage.cluster.users = stage.cluster.users.map((user) => ({ ...user, rules }));
      return await runPreflight(stage.api, request, { signal });
    };
    const { rights } = await examine([]);
    const rules = granted(
      roleYaml(
        rights.map(({ access }) => access),
        { name: "ada", isCertain: true },
      ),
    );
    const complaints = async (rules: readonly AccessRule[]) =>
      (await examine(rules)).findings.filter(({ id, level }) => level === "blocker" || id === "right-missing")
        .length;
    t.equal(await complaints(rules), 0, "granted, the doctor is content");
    for (const [index, rule] of rules.entries()) {
      const without = rules.filter((_rule, at) => at !== index);
      t.not(await complaints(without), 0, `without ${rule.verbs.join()} ${rule.resources.join()} it is not`);
      for (const verb of rule.verbs) {
        const fewer = { ...rule, verbs: rule.verbs.filter((other) => other !== verb) };
        t.not(await complaints([...without, fewer]), 0, `nor without ${verb} ${rule.resources.join()}`);
      }
      for (const resource of rule.resources) {
        const fewer = { ...rule, resources: rule.resources.filter((other) => other !== resource) };
        t.not(await complaints([...without, fewer]), 0, `nor without ${resource}`);
      }
    }
  });

void t.test("a Role is written so that people can read it", async (t) => {
  const text = roleYaml(
    [
      { verb: "get", group: "apps", resource: "deployments", name: "web", namespace: "shop" },
      { verb: "list", group: "", resource: "pods", namespace: "shop" },
      { verb: "get", group: "", resource: "pods", namespace: "shop" },
      { verb: "create", group: "", resource: "pods", subresource: "exec", namespace: "shop" },
      { verb: "create", group: "", resource: "pods", subresource: "portforward", namespace: "shop" },
    ],
    { name: "ada@shop.example", isCertain: true },
  );
  t.equal(
    text,
    `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: magpie-ada-shop-example
  namespace: shop
rules:
- apiGroups: [apps]
  resources: [deployments]
  resourceNames: [web]
  verbs: [get]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list]
- apiGroups: [""]
  resources: [pods/exec, pods/portforward]
  verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: magpie-ada-shop-example
  namespace: shop
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: magpie-ada-shop-example
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: ada@shop.example
`,
  );
});

void t.test("a service account is bound as one", async (t) => {
  const right = { verb: "get", group: "", resource: "pods", namespace: "shop" };
  const text = roleYaml([right], { name: "system:serviceaccount:tools:magpie", isCertain: true });
  const subjects = (loadAll(text) as Role[]).flatMap(({ subjects = [] }) => subjects);
  t.same(subjects, [{ kind: "ServiceAccount", name: "magpie", namespace: "tools" }]);
});

void t.test("rights of the same object are one rule", async (t) => {
  const pods = { group: "", resource: "pods", namespace: "shop" };
  t.same(roleRules(["watch", "get", "get"].map((verb) => ({ ...pods, verb }))), [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "watch"] },
  ]);
});
