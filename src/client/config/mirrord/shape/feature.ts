import { z } from "zod";
import { incomingShape, mode, several } from "./incoming.ts";
import { gone, goneUnless } from "./told.ts";

const pairs = z.record(z.string(), z.string());
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const environment = z.strictObject({
  include: several.optional(),
  exclude: several.optional(),
  override: values.optional(),
  unset: several.optional(),
  mapping: pairs.optional(),
  env_file: z.string().min(1).optional(),
  load_from_process: gone(z.boolean(), "the variables are there before the program starts").optional(),
});

const fileMode = z.enum(["local", "localwithoverrides", "read", "write"]);

const files = z.strictObject({
  mode: fileMode.optional(),
  read_write: several.optional(),
  read_only: several.optional(),
  local: several.optional(),
  not_found: several.optional(),
  mapping: gone(
    pairs,
    "a path leads to the same path of the pod or of this machine; no other takes its place",
  ).optional(),
  readonly_file_buffer: gone(z.int().nonnegative(), "the kernel caches what is read").optional(),
});

const sides = z.strictObject({ local: several.optional(), remote: several.optional() });

const outgoing = z.strictObject({
  tcp: z.boolean().optional(),
  udp: z.boolean().optional(),
  filter: sides.optional(),
  ignore_localhost: z.boolean().optional(),
  unix_streams: several.optional(),
});

const dns = z.strictObject({ enabled: z.boolean().optional(), filter: sides.optional() });

const network = z.strictObject({
  incoming: z.union([z.boolean(), mode, incomingShape]).optional(),
  outgoing: z.union([z.boolean(), outgoing]).optional(),
  dns: z.union([z.boolean(), dns]).optional(),
  ipv6: goneUnless(true, "IPv6 is always there").optional(),
});

const copyTarget = z.union([
  z.boolean(),
  z.strictObject({
    enabled: z.boolean().optional(),
    scale_down: z.boolean().optional(),
    exclude_containers: z.array(z.string()).optional(),
    exclude_init_containers: z.array(z.string()).optional(),
  }),
]);

/** `feature` of mirrord. */
export const featureShape = z.strictObject({
  network: z.union([z.boolean(), network]).optional(),
  env: z.union([z.boolean(), environment]).optional(),
  fs: z.union([z.boolean(), fileMode, files]).optional(),
  hostname: goneUnless(
    true,
    "the program always hears the pod's name; --sandbox off leaves it yours, and all else",
  ).optional(),
  copy_target: copyTarget.optional(),
  split_queues: z.record(z.string(), z.unknown()).optional(),
  db_branches: z
    .array(z.looseObject({ type: z.string().optional(), location: z.string().optional() }))
    .optional(),
  magic: z.strictObject({ aws: z.boolean().optional() }).optional(),
  preview: gone(
    z.strictObject({
      image: z.string().optional(),
      ttl_mins: z.union([z.int(), z.literal("infinite")]).optional(),
      creation_timeout_secs: z.int().optional(),
    }),
    "there are no preview environments",
  ).optional(),
  capture_error_trace: gone(z.boolean(), "mirrord's own reports are meant").optional(),
});

export type MirrordFeature = z.infer<typeof featureShape>;
export type MirrordEnvironment = z.infer<typeof environment>;
export type MirrordFiles = z.infer<typeof files>;
export type MirrordOutgoing = z.infer<typeof outgoing>;
export type MirrordDns = z.infer<typeof dns>;
