import { z } from "zod";
import { gone, goneUnless } from "./told.ts";

const names = z.record(z.string(), z.string());
const count = z.int().nonnegative();
const profile = z.strictObject({ type: z.string(), localhost_profile: z.string().optional() });
const amounts = z.record(z.string(), z.union([z.string(), z.number()]));

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: gone(
    z.int(),
    "a taint is tolerated without end; agent.deadline bounds the agent's life",
  ).optional(),
});

/** `agent` of mirrord. */
export const agentShape = z.strictObject({
  annotations: names.optional(),
  check_out_of_pods: goneUnless(true, "the scheduler says by itself whether a node has room").optional(),
  clean_iptables_on_start: goneUnless(
    false,
    "rules of an agent of magpie end with it, and those of others are left alone",
  ).optional(),
  communication_timeout: count.optional(),
  disable_mesh_sidecar_injection: goneUnless(
    true,
    "write the mesh's label or annotation into agent.labels or agent.annotations",
  ).optional(),
  disabled_capabilities: gone(
    z.array(z.string()),
    'agent.security takes { "capabilities": … } where the agent is to have others',
  ).optional(),
  dns: gone(
    z.strictObject({ attempts: count.optional(), timeout: count.optional() }),
    "attempts and times are those of the pod's own resolv.conf",
  ).optional(),
  ephemeral: z.boolean().optional(),
  exclude_from_mesh: goneUnless(
    false,
    "the agent listens on loopback alone, where no mesh takes it",
  ).optional(),
  flush_connections: goneUnless(
    false,
    "connections that exist already are left alone; session.takeOver takes them over too",
  ).optional(),
  image: gone(
    z.union([z.string(), z.strictObject({ registry: z.string().optional(), tag: z.string().optional() })]),
    "mirrord's agent is meant; magpie has its own, and agent.image of its config names another place for that",
  ).optional(),
  image_pull_policy: z.enum(["Always", "IfNotPresent", "Never"]).optional(),
  image_pull_secrets: z.array(z.strictObject({ name: z.string() })).optional(),
  inject_headers: z.boolean().optional(),
  jaq_time_limit: gone(count, "there are no jq filters").optional(),
  json_log: gone(z.boolean(), "the agent's log is always JSON lines").optional(),
  labels: names.optional(),
  log_level: gone(z.string(), "magpie why and --trace tell what the agent decides").optional(),
  max_body_buffer_size: gone(count, "there are no filters by body").optional(),
  max_body_buffer_timeout: gone(count, "there are no filters by body").optional(),
  metrics: gone(z.string(), "magpie metrics asks the agent").optional(),
  namespace: z.string().min(1).optional(),
  network_interface: gone(z.string(), "the agent takes requests on all interfaces of the pod").optional(),
  nftables: gone(z.boolean(), "the agent tries what the kernel has; agent.redirect says which").optional(),
  node_selector: gone(names, "the agent runs on the node of its pod").optional(),
  passthrough_mirroring: gone(z.boolean(), "the agent copies what passes through it, always").optional(),
  priority_class: gone(z.string(), "an agent that is a pod has the cluster's default priority").optional(),
  privileged: z.boolean().optional(),
  resources: z
    .strictObject({
      requests: amounts.optional(),
      limits: amounts.optional(),
      claims: gone(z.array(z.unknown()), "the agent asks for no devices").optional(),
    })
    .optional(),
  security_context: z
    .strictObject({ app_armor_profile: profile.optional(), seccomp_profile: profile.optional() })
    .optional(),
  service_account: gone(
    z.string(),
    "the agent talks to no API of the cluster, so that it needs none",
  ).optional(),
  startup_timeout: count.optional(),
  tolerations: z.array(toleration).optional(),
  ttl: gone(count, "agent.linger keeps the agent itself; its pod goes with it").optional(),
});

export type MirrordAgent = z.infer<typeof agentShape>;
