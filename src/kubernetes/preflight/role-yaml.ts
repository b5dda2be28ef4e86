import type { AccessAttributes } from "../errors.ts";
import { yamlText } from "./yaml-text.ts";

/** Who is to have rights. */
export interface RightsHolder {
  readonly name: string;
  /** Whether the API server said so; else it is what the kubeconfig calls us, or a word to be replaced. */
  readonly isCertain: boolean;
}

/** What stands for a name that could not be found out. */
export const UNKNOWN_HOLDER = "REPLACE-WITH-THE-USER-NAME";

interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * The smallest Role with these rights and its RoleBinding, for each namespace that they are of: YAML for `kubectl apply -f -`.
 * Rights of the whole cluster are not among them.
 */
export function roleYaml(rights: readonly AccessAttributes[], holder: RightsHolder): string {
  const namespaces = [...new Set(rights.flatMap(({ namespace }) => namespace ?? []))];
  return namespaces
    .flatMap((namespace) => {
      const own = rights.filter((right) => right.namespace === namespace);
      const name = `magpie-${slugOf(holder.name)}`;
      const metadata = { name, namespace };
      return [
        { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules: roleRules(own) },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "RoleBinding",
          metadata,
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
          subjects: [subjectOf(holder.name)],
        },
      ];
    })
    .map(yamlText)
    .join("---\n");
}

/** One rule for each resource; resources of one group with the same verbs share one. */
export function roleRules(rights: readonly AccessAttributes[]): RoleRule[] {
  const verbsOf = new Map<string, { right: AccessAttributes; verbs: Set<string> }>();
  for (const right of rights) {
    const { group, resource, subresource = "", name = "" } = right;
    const key = [group, resource, subresource, name].join("\0");
    const entry = verbsOf.get(key) ?? { right, verbs: new Set() };
    verbsOf.set(key, { right, verbs: entry.verbs.add(right.verb) });
  }
  const rules = new Map<
    string,
    { group: string; resources: string[]; name: string | undefined; verbs: string[] }
  >();
  for (const { right, verbs: set } of verbsOf.values()) {
    const { group, resource, subresource, name } = right;
    const verbs = [...set].toSorted((a, b) => a.localeCompare(b));
    const key = [group, name ?? "", verbs.join(",")].join("\0");
    const rule = rules.get(key) ?? { group, resources: [], name, verbs };
    rule.resources.push(subresource === undefined ? resource : `${resource}/${subresource}`);
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ group, resources, name, verbs }) => ({
    apiGroups: [group],
    resources,
    ...(name === undefined ? {} : { resourceNames: [name] }),
    verbs,
  }));
}

/** RBAC knows service accounts by another kind than users (k8s.io/apiserver/pkg/authentication/serviceaccount). */
function subjectOf(user: string): object {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  if (name !== undefined) return { kind: "ServiceAccount", name, namespace };
  return { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user };
}

/** What an object may be called (RFC 1123 §2.1). */
function slugOf(user: string): string {
  const slug = user
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return slug.slice(0, 50).replace(/-+$/, "") || "user";
}
