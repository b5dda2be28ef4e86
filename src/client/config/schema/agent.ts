import { z } from "zod";
import { budgetOf } from "../../subscription-flags/budget-flags.ts";
import { placementOf } from "../../target/cluster-placement.ts";
import { duration, field, several, text, textReadBy, yesOrNo } from "./field.ts";
import { readBy } from "./problem-of-value.ts";

const ofPod = "Of an agent that is a pod.";

/** Amounts by name, or as after the flag: `cpu=50m,memory=64Mi`. */
const amounts = (flag: "agentRequests" | "agentLimits") =>
  z.union([
    textReadBy((written) => placementOf({ [flag]: written }, undefined)),
    z.record(z.string(), z.union([z.string(), z.number()])),
  ]);

const pairs = z.record(z.string(), z.string());

/** The agent that is put beside the target where none runs there. */
export const agentSchema = z.strictObject({
  form: field(z.enum(["auto", "ephemeral", "pod"]), {
    description:
      "An ephemeral container of the pod, a pod of its own on the pod's node, or the first that is allowed (auto).",
    default: "auto",
  }),
  image: field(
    textReadBy((agentImage) => placementOf({ agentImage }, undefined)),
    {
      description: "The agent's image, with a tag or a digest (default: ours).",
      examples: ["registry.example/magpie-agent:0.1.0"],
    },
  ),
  pullPolicy: field(z.enum(["Always", "IfNotPresent", "Never"]), {
    description: "When the node pulls the image.",
  }),
  linger: field(duration, {
    description: "How long the agent stays when its last client has left.",
    default: "10s",
  }),
  timeout: field(duration, { description: "How long is waited for it to run.", default: "2m" }),
  looks: field(yesOrNo, {
    description: "It may look into the app too, for others who use exec or env beside you.",
    default: false,
  }),
  security: field(z.record(z.string(), z.unknown()), {
    description: "More of its securityContext.",
    examples: [{ readOnlyRootFilesystem: true }],
  }),
  pullSecrets: field(several(text), { description: `Names of secrets to pull the image with. ${ofPod}` }),
  requests: field(amounts("agentRequests"), {
    description: `What it asks for. ${ofPod}`,
    examples: [{ cpu: "50m", memory: "64Mi" }],
  }),
  limits: field(amounts("agentLimits"), {
    description: `What it may have. ${ofPod}`,
    examples: [{ cpu: 1, memory: "512Mi" }],
  }),
  tolerations: field(several(textReadBy((taint) => placementOf({ agentToleration: [taint] }, undefined))), {
    description: `Taints that it tolerates (default: any): key=value:NoSchedule. ${ofPod}`,
    examples: ["dedicated=shop:NoSchedule"],
  }),
  labels: field(pairs, { description: `Its labels. ${ofPod}`, examples: [{ team: "shop" }] }),
  annotations: field(pairs, {
    description: `Its annotations. ${ofPod}`,
    examples: [{ "sidecar.istio.io/inject": "false" }],
  }),
  runtimeClass: field(text, { description: `Its runtime class. ${ofPod}` }),
  deadline: field(duration, {
    description: `It lives no longer, whatever happens. ${ofPod}`,
    default: "12h",
  }),
  redirect: field(z.enum(["auto", "tproxy", "redirect", "iptables"]), {
    description: "How packets are caught.",
    default: "auto",
  }),
  drainMax: field(duration, {
    description:
      "How long connections of others may hold an agent that everybody has left, before it resets them.",
    default: "12h",
  }),
  budget: field(
    z.union([
      textReadBy((limits) => budgetOf(limits)),
      z.strictObject({
        latency: limit("latency", "How much later others may be answered.", "250ms"),
        loop: limit("loop", "How late its event loop may be.", "400ms"),
        memory: limit("memory", "How much memory it may have.", "1GB"),
      }),
    ]),
    {
      description: "What the agent may cost others before it gives the ports back.",
      examples: [{ latency: "100ms", memory: "512MB" }, "latency=100ms,loop=200ms"],
    },
  ),
});

function limit(name: string, description: string, usual: string) {
  const schema = z.string().check(readBy((value) => budgetOf(`${name}=${value}`)));
  return field(schema, { description, default: usual });
}
