import { z } from "zod";
import { ClientError } from "../../errors.ts";
import { replicasOf } from "../../subscription-flags/replicas-flags.ts";
import { parseTarget } from "../../target/parse-target.ts";
import { field, text, textReadBy, whole } from "./field.ts";

const name = textReadBy((value) => parseTarget(value));

/** In whose place: a text as after `--target`, or its parts. */
export const targetSchema = z.union([
  name,
  z.strictObject({
    name: field(name, {
      description:
        "deployment/<name>, pod/<name> … or label:<key>=<value>, each with /container/<name> or not; of this machine: container:<name>, pid:<number>, netns:<name>, netns:/path, or netns:web-* for several.",
      examples: ["deployment/web", "label:app=web,tier=front", "container:shop"],
    }),
    container: field(textReadBy(readContainer), {
      description: "Which container of the pod, where name does not say it.",
      examples: ["web"],
    }),
    namespace: field(text, {
      description: "Which namespace of the cluster (default: the context's).",
      examples: ["shop"],
    }),
    context: field(text, {
      description: "Which context of the kubeconfig (default: the current one).",
      examples: ["staging"],
    }),
    kubeconfig: field(text, {
      description:
        "Which kubeconfig (default: KUBECONFIG, or ~/.kube/config). A path that is not absolute begins at the folder of the project.",
      examples: ["~/.kube/staging", "kubeconfig.yaml"],
    }),
    agentNamespace: field(text, {
      description: "Where agents are that are pods of their own (default: the namespace of the target).",
      examples: ["magpie"],
    }),
    replicas: field(whole(replicasOf), {
      description: "How many pods of the target are covered at most; all: those that come later, too.",
      default: "all",
      examples: [1, "all"],
    }),
    from: field(text, {
      description: "Which pod of the target is asked for its variables and files (default: the first).",
      examples: ["web-7d4b9-x2x"],
    }),
  }),
]);

function readContainer(container: string): void {
  if (/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(container)) return;
  throw new ClientError("usage", `${JSON.stringify(container)} is no name of a container`, {
    hint: "Write it in small letters, digits and dashes, as `kubectl get pod -o yaml` shows it.",
  });
}
