import type { RequestHead } from "../../http/index.ts";

/** How the kubelet names itself: of probes, and of the hooks that run when a container starts or stops (pkg/probe/http of Kubernetes). */
const AGENT_PREFIX = "kube-";
const AGENT_NAME = /^kube-(?:probe|lifecycle)\/[\w.+-]{1,40}/;
/** The gRPC health checking protocol; grpc-go adds its own name behind the kubelet's. */
export const HEALTH_SERVICE = "/grpc.health.v1.Health/";

/**
 * Who probes the app's health with this request, `kube-probe/1.36`; undefined for any other request. Told by its shape: a GET,
 * or a call of the gRPC health service, by a caller that names itself as the kubelet does. Anybody may name himself so, and
 * gets no more by it than the app's own answer.
 *
 * A probe whose user agent the pod's owner has changed is known by the pod's spec alone (`PortProbes`).
 */
export function probeName({ method, target, fields }: RequestHead): string | undefined {
  const isProbed = method === "GET" || (method === "POST" && target.startsWith(HEALTH_SERVICE));
  if (!isProbed) return undefined;
  const agent = fields.first("user-agent");
  return agent?.startsWith(AGENT_PREFIX) === true ? AGENT_NAME.exec(agent)?.[0] : undefined;
}
