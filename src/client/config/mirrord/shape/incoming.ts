import { z } from "zod";
import { goneUnless } from "./told.ts";

export const port = z.int().min(0).max(65_535);
const pairs = z.array(z.tuple([port, port]));
export const several = z.union([z.string(), z.array(z.string())]);
export const mode = z.enum(["mirror", "steal", "off"]);

const bodyFilter = z.strictObject({ body: z.literal("json"), query: z.string(), matches: z.string() });

const innerFilter = z.strictObject({
  header: z.string().optional(),
  path: z.string().optional(),
  method: z.string().optional(),
  body: z.string().optional(),
  query: z.string().optional(),
  matches: z.string().optional(),
});

const ports = z.union([port, z.array(port)]);

const httpFilter = z.strictObject({
  header_filter: z.string().optional(),
  header_filter_jq: z.string().optional(),
  path_filter: z.string().optional(),
  method_filter: z.string().optional(),
  body_filter: bodyFilter.optional(),
  all_of: z.array(innerFilter).optional(),
  any_of: z.array(innerFilter).optional(),
  ports: ports.optional(),
});

const tlsDelivery = z.strictObject({
  protocol: z.enum(["tcp", "tls"]),
  server_cert: z.string().optional(),
  server_name: z.string().optional(),
  trust_roots: z.array(z.string()).optional(),
});

/** `feature.network.incoming` of mirrord where it is an object. */
export const incomingShape = z.strictObject({
  mode: mode.optional(),
  http_filter: z.union([z.boolean(), httpFilter]).optional(),
  /** Its spelling until 2023. */
  http_header_filter: z.strictObject({ filter: z.string().optional(), ports: ports.optional() }).optional(),
  port_mapping: pairs.optional(),
  ports: z.array(port).optional(),
  ignore_ports: z.array(port).optional(),
  ignore_localhost: goneUnless(
    false,
    "a listener on loopback has requests only where callers reach that port of the target; name others in incoming.ignorePorts",
  ).optional(),
  listen_ports: pairs.optional(),
  on_concurrent_steal: z.enum(["abort", "continue", "override"]).optional(),
  tls_delivery: tlsDelivery.optional(),
  https_delivery: tlsDelivery.optional(),
});

export type MirrordIncoming = z.infer<typeof incomingShape>;
export type MirrordHttpFilter = z.infer<typeof httpFilter>;
export type MirrordInnerFilter = z.infer<typeof innerFilter>;
export type MirrordTlsDelivery = z.infer<typeof tlsDelivery>;
