import type { Node, Pod } from "../api/objects.ts";
import type { Finding } from "./finding.ts";
import { type Seen, valueOf } from "./seen.ts";

/** Whether the node can have the agent's image, as far as that shows before it tries. */
export function imageFindings(about: {
  readonly pod: Pod;
  readonly node: Seen<Node>;
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
  readonly form: "auto" | "ephemeral" | "pod";
}): Finding[] {
  const { pod, image, form } = about;
  const policy = about.imagePullPolicy ?? (isLatest(image) ? "Always" : "IfNotPresent");
  const images = valueOf(about.node)?.status?.images;
  const isThere = images?.some(({ names = [] }) => names.some((name) => sameImage(name, image)));
  if (isThere === true && policy !== "Always")
    return [{ id: "image", level: "ok", what: `the agent's image ${image} is on the node already` }];
  if (policy === "Never")
    return [
      {
        id: "image",
        level: images === undefined ? "note" : "warning",
        what: `the agent's image ${image} is never pulled (--agent-pull-policy), and is not among those that the node tells of`,
        why: "a node tells of its 50 largest images only; if it is not there the agent does not start",
      },
    ];
  const secrets = pod.spec.imagePullSecrets?.map(({ name }) => name) ?? [];
  const credentials =
    form === "pod"
      ? "with the secrets of --agent-pull-secret"
      : secrets.length === 0
        ? "without a secret, unless the pod's service account or the node has one"
        : `with the pod's own pull secrets (${secrets.join(", ")})`;
  return [
    {
      id: "image",
      level: "note",
      what: `the node will pull the agent's image ${image} from ${registryOf(image)}, ${credentials}`,
      why: "whether it may shows only then; --agent-image names a mirror of it in a registry that the node reaches",
    },
  ];
}

/** kubelets pull what has no tag, or `latest`, each time (pkg/apis/core/v1/defaults.go). */
function isLatest(image: string): boolean {
  const last = image.split("/").at(-1) ?? "";
  return !last.includes("@") && (!last.includes(":") || last.endsWith(":latest"));
}

/** Names without a registry are Docker Hub's, which nodes write out. */
function sameImage(listed: string, wanted: string): boolean {
  const plain = (name: string): string =>
    name.replace(/^docker\.io\/(?:library\/)?/, "").replace(/^localhost\//, "");
  return plain(listed) === plain(wanted);
}

function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}
