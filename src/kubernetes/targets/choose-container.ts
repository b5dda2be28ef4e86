import type { Container, Pod } from "../api/objects.ts";
import { KubernetesError } from "../errors.ts";
import { sidecarKind } from "./sidecar.ts";

/** Which container of a pod is meant, and why that one. */
export interface ChosenContainer {
  readonly name: string;
  /** Completes "container app, …": `the only one`, `since …`. */
  readonly because: string;
}

/** What kubectl looks at, too. */
const annotation = "kubectl.kubernetes.io/default-container";

/**
 * Chooses the container that stands for a pod: the named one; that of the annotation; the one beside sidecars; of several that one
 * which declares the asked port; the first.
 * @throws KubernetesError `not-found` when no container has that name; `candidates` are those there are
 */
export function chooseContainer(
  pod: Pod,
  asked: { readonly container?: string | undefined; readonly port?: number | undefined } = {},
): ChosenContainer {
  const { containers } = pod.spec;
  const named = asked.container;
  if (named !== undefined) {
    const all = [...containers, ...nativeSidecars(pod)].map(({ name }) => name);
    if (all.includes(named)) return { name: named, because: "as asked" };
    throw new KubernetesError("not-found", `pod ${pod.metadata.name} has no container ${named}`, {
      sought: named,
      candidates: all,
    });
  }
  const [first, ...others] = containers;
  if (first === undefined)
    throw new KubernetesError("unsuitable", `pod ${pod.metadata.name} has no containers`);
  if (others.length === 0) return { name: first.name, because: "the only one" };
  const annotated = pod.metadata.annotations?.[annotation];
  if (annotated !== undefined && containers.some(({ name }) => name === annotated))
    return { name: annotated, because: `as the pod's annotation ${annotation} says` };
  return chooseAmong([first, ...others], asked.port);
}

function chooseAmong(
  containers: readonly [Container, ...Container[]],
  port: number | undefined,
): ChosenContainer {
  const kinds = new Map(containers.map((container) => [container.name, sidecarKind(container)]));
  const apps = containers.filter(({ name }) => kinds.get(name) === undefined);
  const skipped = containers.flatMap(({ name }) => {
    const kind = kinds.get(name);
    return kind === undefined ? [] : [`${name} (${kind})`];
  });
  const among = apps.length === 0 ? containers : apps;
  const beside = skipped.length === 0 || apps.length === 0 ? "" : ` beside ${skipped.join(", ")}`;
  const declaring = port === undefined ? undefined : among.find((container) => declares(container, port));
  const chosen = declaring ?? apps[0] ?? containers[0];
  if (among.length === 1) return { name: chosen.name, because: `the only one${beside}` };
  const names = among.map(({ name }) => name).join(", ");
  if (declaring !== undefined)
    return { name: chosen.name, because: `which declares port ${port}, of ${names}${beside}` };
  const hint = apps.length === 0 ? "all look like sidecars" : "/container/<name> names another";
  return { name: chosen.name, because: `the first of ${names}${beside}; ${hint}` };
}

function declares({ ports = [] }: Container, port: number): boolean {
  return ports.some(({ containerPort, protocol = "TCP" }) => containerPort === port && protocol === "TCP");
}

/** Init containers that stay (Kubernetes 1.28): they run beside the others, but are never the app unless named. */
function nativeSidecars({ spec }: Pod): readonly Container[] {
  return (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
}
