import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { kindNames, parseReference } from "./parse-reference.ts";
import type { ClusterChoice, Target } from "./target.ts";

const forms =
  "deployment/<name> (pod/, service/ …), label:<key>=<value>, container:<name>, pid:<number> or netns:<name>";
const prefixes = ["netns", "pid", "container", "label"];

/**
 * Reads the text after `--target`, and the flags that say of which cluster it is.
 * @throws ClientError `usage` when it has none of the known forms; the hint names them, or the one nearly written.
 */
export function parseTarget(text: string, cluster: ClusterChoice = {}): Target {
  const reference = parseReference(text);
  if (reference !== undefined) return { kind: "kubernetes", reference, cluster };
  refuseCluster(text, cluster);
  const colon = text.indexOf(":");
  if (colon === -1)
    throw malformed(text, `A target is ${forms}. Did you mean netns:${text}, or deployment/${text}?`);
  const kind = text.slice(0, colon);
  const value = text.slice(colon + 1);
  switch (kind) {
    case "netns":
      return parseNamespace(text, value);
    case "pid":
      if (/^[1-9]\d{0,9}$/.test(value)) return { kind: "pid", pid: Number(value) };
      throw malformed(text, "After pid: comes the number of a running process.");
    case "container":
      // Names and ids as podman and docker take them; nothing that could be read as an option of theirs.
      if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value)) return { kind: "container", name: value };
      throw malformed(text, "After container: comes a name or id that `podman ps` or `docker ps` shows.");
  }
  if (kindNames.includes(kind)) throw malformed(text, `Did you mean ${kind}/${value}?`);
  const meant = closest(kind, prefixes);
  throw malformed(
    text,
    `A target is ${forms}.${meant === undefined ? "" : ` Did you mean ${meant}:${value}?`}`,
  );
}

function parseNamespace(text: string, value: string): Target {
  if (value.startsWith("/")) return { kind: "netns-path", path: value };
  if (value === "" || value.includes("/") || value === "." || value === "..") {
    throw malformed(text, "After netns: comes a name that `ip netns list` shows, or an absolute path.");
  }
  return { kind: "netns", name: value };
}

/** What is of this machine has no namespace of a cluster: whoever writes one means something else. */
function refuseCluster(text: string, cluster: ClusterChoice): void {
  const [flag] = Object.entries(cluster).flatMap(([name, value]) =>
    value === undefined ? [] : [name === "agentNamespace" ? "agent-namespace" : name],
  );
  if (flag === undefined) return;
  throw new ClientError(
    "usage",
    `--${flag} is for targets of a cluster, and ${JSON.stringify(text)} is none`,
    {
      hint: `A target of a cluster is ${kindNames.map((kind) => `${kind}/<name>`).join(", ")} or label:<key>=<value>.`,
    },
  );
}

function malformed(text: string, hint: string): ClientError {
  return new ClientError("usage", `--target ${JSON.stringify(text)} is not a target`, { hint });
}
