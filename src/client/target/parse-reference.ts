import type { TargetKind, TargetReference } from "../../kubernetes/index.ts";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";

/** What each kind may be called, as kubectl knows it; a group may follow, as in `deployment.apps/web`. */
const names: Readonly<Record<Exclude<TargetKind, "label">, readonly string[]>> = {
  pod: ["po", "pods"],
  deployment: ["deploy", "deployments"],
  statefulset: ["sts", "statefulsets"],
  daemonset: ["ds", "daemonsets"],
  replicaset: ["rs", "replicasets"],
  job: ["jobs"],
  cronjob: ["cj", "cronjobs"],
  service: ["svc", "services"],
  rollout: ["ro", "rollouts"],
};
const kinds = new Map<string, TargetKind>(
  Object.entries(names).flatMap(([kind, others]) =>
    // The keys are those of the record.
    [kind, ...others].map((name) => [name, kind as TargetKind] as const),
  ),
);

/** All kinds, for hints. */
export const kindNames: readonly string[] = Object.keys(names);

/** DNS labels and subdomains, RFC 1123 §2.1 as Kubernetes takes them. */
const objectName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const containerName = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Reads what names something of a cluster: `<kind>/<name>` or `label:<key>=<value>,…`, each with `/container/<name>` behind it
 * or not. Undefined when the text is not of that form at all.
 * @throws ClientError `usage` when it nearly is.
 */
export function parseReference(text: string): TargetReference | undefined {
  const [, whole = "", container] = /^(.*?)(?:\/containers?\/([^/]*))?$/s.exec(text) ?? [];
  if (container !== undefined && !containerName.test(container)) {
    throw malformed(text, "After /container/ comes the name of a container, in small letters.");
  }
  if (whole.startsWith("label:")) {
    const selector = readLabels(text, whole.slice("label:".length));
    return referenceTo({ kind: "label", name: selector, container });
  }
  const slash = whole.indexOf("/");
  if (slash === -1 || whole.includes(":")) return undefined;
  const written = whole.slice(0, slash).toLowerCase();
  const name = whole.slice(slash + 1);
  const kind = kinds.get(written) ?? kinds.get(written.replace(/\..*$/, ""));
  if (kind === undefined) {
    const meant = closest(written, [...kinds.keys()]);
    throw malformed(
      text,
      `Before the slash comes one of ${kindNames.join(", ")}.${meant === undefined ? "" : ` Did you mean ${meant}/${name}?`}`,
    );
  }
  if (objectName.test(name)) return referenceTo({ kind, name, container });
  const rest = /^([^/]+)\/(.+)$/.exec(name);
  if (rest !== null) {
    throw malformed(
      text,
      `A container is named so: ${kind}/${rest[1]}/container/${rest[2]?.replace(/^.*\//, "")}`,
    );
  }
  throw malformed(
    text,
    `After ${kind}/ comes its name, in small letters, digits and dashes, as \`kubectl get ${kind}\` shows it.`,
  );
}

function referenceTo(named: Omit<TargetReference, "label">): TargetReference {
  const end = named.container === undefined ? "" : `/container/${named.container}`;
  return { ...named, label: `${named.kind}${named.kind === "label" ? ":" : "/"}${named.name}${end}` };
}

function readLabels(text: string, selector: string): string {
  const parts = selector.split(",").map((part) => /^([^=]+)={1,2}([^=]*)$/.exec(part.trim()));
  const pairs = parts.map((part) => {
    const [, key = "", value = ""] = part ?? [];
    if (part === null || !labelKey.test(key) || !labelValue.test(value)) {
      throw malformed(
        text,
        "After label: come labels of pods, as label:app=web or label:app=web,tier=front.",
      );
    }
    return `${key}=${value}`;
  });
  return pairs.join(",");
}

function malformed(text: string, hint: string): ClientError {
  return new ClientError("usage", `--target ${JSON.stringify(text)} is not a target`, { hint });
}
