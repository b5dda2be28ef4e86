import type { RequestHead } from "../../http/index.ts";
import type { Endpoint } from "../../kernel/index.ts";
import type { PodProbe } from "../../protocol/index.ts";
import { HEALTH_SERVICE, probeName } from "./probe.ts";

/** The two ends of the connection that a request came by. */
export interface RequestEnds {
  /** Who connected. */
  readonly peer: Endpoint;
  /** Where they were going. */
  readonly original: Endpoint;
}

/** What the health probes of one port look like: those of the pod's spec, and any that has the kubelet's shape. */
export class PortProbes {
  readonly #ofRequests: readonly PodProbe[];
  readonly #ofTls: readonly PodProbe[];
  readonly #ofConnections: readonly PodProbe[];

  constructor(probes: readonly PodProbe[]) {
    this.#ofRequests = probes.filter(({ kind }) => kind !== "tcp");
    this.#ofTls = probes.filter(({ kind }) => kind === "https");
    this.#ofConnections = probes.filter(({ kind }) => kind === "tcp");
  }

  /**
   * Who asks for the app's health with this request, as the beginning of a sentence; undefined for any other request.
   * Anybody may ask as a probe does, and gets no more by it than the app's own answer.
   */
  ofRequest(head: RequestHead, ends: RequestEnds | undefined): string | undefined {
    const named = this.#ofRequests.find((probe) => isProbe(probe, head, ends));
    const agent = probeName(head);
    if (named === undefined) return agent === undefined ? undefined : `a health probe (${agent})`;
    return `the ${named.name}${agent === undefined ? "" : ` (${agent})`}`;
  }

  /** The same for a connection whose TLS nobody reads, by the name its ClientHello asks for. */
  ofTls(serverName: string | null): string | undefined {
    const named = this.#ofTls.find((probe) => probe.serverName === serverName);
    return named === undefined ? undefined : `the ${named.name}`;
  }

  /** The same for a connection that ends without a byte. */
  get ofBareConnection(): string | undefined {
    const [named] = this.#ofConnections;
    return named === undefined ? undefined : `the ${named.name}`;
  }
}

function isProbe(probe: PodProbe, head: RequestHead, ends: RequestEnds | undefined): boolean {
  if (!isAsked(probe, head)) return false;
  if (probe.kind === "exec" && (ends === undefined || !isFromPod(ends))) return false;
  const agent = head.fields.first("user-agent");
  const isAgent = probe.userAgent === null ? agent === undefined : agent?.startsWith(probe.userAgent);
  if (isAgent !== true) return false;
  return probe.headers.every(([name, value]) => head.fields.all(name.toLowerCase()).includes(value));
}

/** By method and target. */
function isAsked({ kind, path }: PodProbe, { method, target }: RequestHead): boolean {
  if (path === null || kind === "grpc") return method === "POST" && target.startsWith(HEALTH_SERVICE);
  if (target !== path) return false;
  return method === "GET" || (kind === "exec" && method === "HEAD");
}

/** What a mesh's sidecar passes on of others is none of the pod's own (Istio: InboundPassthroughBindIpv4). */
const SIDECAR_ADDRESS = "127.0.0.6";

function isFromPod({ peer, original }: RequestEnds): boolean {
  if (peer.address === original.address) return true;
  return peer.address === "::1" || (peer.address.startsWith("127.") && peer.address !== SIDECAR_ADDRESS);
}
