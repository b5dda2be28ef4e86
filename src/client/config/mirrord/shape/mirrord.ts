import { z } from "zod";
import { agentShape } from "./agent.ts";
import { featureShape } from "./feature.ts";
import { several } from "./incoming.ts";
import { gone, goneUnless } from "./told.ts";

const container = z.string().optional();

/** A target as its kind and name, which mirrord takes beside the text. */
const targetKinds = z.union([
  z.strictObject({ pod: z.string(), container }),
  z.strictObject({ deployment: z.string(), container }),
  z.strictObject({ rollout: z.string(), container }),
  z.strictObject({ job: z.string(), container }),
  z.strictObject({ cron_job: z.string(), container }),
  z.strictObject({ stateful_set: z.string(), container }),
  z.strictObject({ replica_set: z.string(), container }),
  z.strictObject({ service: z.string(), container }),
]);

const target = z.union([
  z.string(),
  z.strictObject({
    path: z.union([z.string(), targetKinds]).optional(),
    namespace: z.string().min(1).optional(),
  }),
  targetKinds,
]);

/** Sections that set up a part of mirrord that is not here: each is told of once, whatever it holds. */
function section(keys: readonly string[], told: string): z.ZodObject {
  return gone(z.strictObject(Object.fromEntries(keys.map((key) => [key, z.unknown().optional()]))), told);
}

const everyProcess =
  "every process that the program starts is in the sandbox; run what shall not be there by itself";
const forMacs = "programs that macOS protects are meant, and magpie runs on Linux";

const ofContainers = "mirrord container is meant; run magpie exec within the container";

/**
 * A config of mirrord: the names and meanings of its public documentation
 * (https://metalbear.com/mirrord/docs/config/options, read 2026-11-30), older spellings too. Null is as if a field were not there.
 */
export const mirrordShape = z.strictObject({
  $schema: z.string().optional(),
  target: target.optional(),
  agent: agentShape.optional(),
  feature: featureShape.optional(),
  key: z.string().min(1).optional(),
  kubeconfig: z.string().min(1).optional(),
  kube_context: z.string().min(1).optional(),
  accept_invalid_certificates: gone(
    z.boolean(),
    "write insecure-skip-tls-verify into the cluster of the kubeconfig, which decides here",
  ).optional(),
  operator: z.boolean().optional(),
  profile: z.string().optional(),
  skip_processes: gone(several, everyProcess).optional(),
  skip_build_tools: gone(z.boolean(), everyProcess).optional(),
  skip_extra_build_tools: gone(several, everyProcess).optional(),
  skip_sip: gone(several, forMacs).optional(),
  sip_binaries: gone(several, forMacs).optional(),
  telemetry: goneUnless(false, "nothing is sent to anybody").optional(),
  use_proxy: goneUnless(true, "unset HTTP_PROXY and HTTPS_PROXY where magpie is started").optional(),
  api: goneUnless(false, "magpie sessions and --output json tell what goes on").optional(),
  baggage: gone(z.string(), "mirrord's operator is meant, and there is none here").optional(),
  traceparent: gone(z.string(), "mirrord's operator is meant, and there is none here").optional(),
  connect_tcp: gone(z.string(), "magpie finds the agent by its target").optional(),
  pause: goneUnless(false, "the app keeps running; what is stolen it does not see").optional(),
  startup_retry: section(
    ["min_ms", "max_ms", "max_retries"],
    "what may be tried again is tried again, as docs/targets.md says",
  ).optional(),
  internal_proxy: section(
    [
      ...["idle_timeout", "start_idle_timeout", "socket_timeout", "process_logging_interval", "json_log"],
      ...[
        "log_level",
        "log_destination",
        "log_file",
        "detach_io",
        "container_mode",
        "client_tls_certificate",
      ],
      ...["client_tls_key"],
    ],
    "there is no proxy between the program and magpie",
  ).optional(),
  external_proxy: section(
    [
      ...[
        "idle_timeout",
        "start_idle_timeout",
        "host_ip",
        "json_log",
        "log_level",
        "log_destination",
        "tls_enable",
      ],
      ...["tls_certificate", "tls_key", "tls_server_name", "address"],
    ],
    ofContainers,
  ).optional(),
  container: section(
    [
      ...["cli_extra_args", "cli_image", "cli_image_lib_path", "cli_prevent_cleanup", "cli_tls_path"],
      ...["override_host_ip", "platform"],
    ],
    ofContainers,
  ).optional(),
  ci: section(
    ["output_dir"],
    "mirrord ci is meant; what the program writes under magpie exec goes to where that is started",
  ).optional(),
  experimental: gone(z.record(z.string(), z.unknown()), experimental).optional(),
});

/** Names what is in it: each was about how mirrord gets into a program. */
function experimental(value: unknown): string | undefined {
  const names = Object.keys(value ?? {});
  if (names.length === 0) return undefined;
  return `magpie gets into a program in another way than mirrord, whose switches these are: ${names.join(", ")}`;
}

export type MirrordConfig = z.infer<typeof mirrordShape>;
