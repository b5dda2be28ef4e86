import { isIP } from "node:net";
import type { PodProbe } from "../../protocol/index.ts";
import type { ContainerPort, Probe } from "../api/objects.ts";
import { commandProbe } from "./command-probe.ts";
import { probeTitle, type SpecProbe } from "./spec-probe.ts";

/** What the kubelet calls itself (pkg/probe/http, pkg/kubelet/lifecycle). */
const PROBE_AGENT = "kube-probe/";
const HOOK_AGENT = "kube-lifecycle/";

/** Whose probe it is. */
export interface ProbedContainer {
  readonly name: string;
  readonly ports?: readonly ContainerPort[];
}

/** Reads one probe or hook as the kubelet carries it out; undefined for what asks nobody, as `sleep` of a hook. */
export function kubeletProbe(
  probe: Probe,
  about: { readonly role: SpecProbe["role"]; readonly container: ProbedContainer },
): SpecProbe | undefined {
  const whose = { role: about.role, container: about.container.name };
  const name = probeTitle(whose);
  if (probe.httpGet !== undefined) return httpProbe(probe.httpGet, { ...about, whose });
  if (probe.tcpSocket !== undefined) {
    const port = portOf(probe.tcpSocket.port, about.container);
    const known: PodProbe = { name, kind: "tcp", path: null, headers: [], userAgent: null, serverName: null };
    return { ...whose, port, does: `connects to port ${port ?? probe.tcpSocket.port}`, known };
  }
  if (probe.grpc !== undefined) {
    const { port, service } = probe.grpc;
    const known = { name, path: null, headers: [], userAgent: PROBE_AGENT, serverName: null };
    const of = service ? ` of ${service}` : "";
    return {
      ...whose,
      port,
      does: `asks the gRPC health${of} on port ${port}`,
      known: { ...known, kind: "grpc" },
    };
  }
  if (probe.exec !== undefined) return { ...whose, ...commandProbe(probe.exec.command ?? [], name) };
  return undefined;
}

function httpProbe(
  http: NonNullable<Probe["httpGet"]>,
  about: {
    readonly role: SpecProbe["role"];
    readonly container: ProbedContainer;
    readonly whose: Pick<SpecProbe, "role" | "container">;
  },
): SpecProbe {
  const { whose, container } = about;
  const port = portOf(http.port, container);
  const isTls = http.scheme?.toUpperCase() === "HTTPS";
  const path = requestTarget(http.path ?? "/");
  const { headers, userAgent } = fieldsOf(
    http.httpHeaders ?? [],
    about.role.endsWith("hook") ? HOOK_AGENT : PROBE_AGENT,
  );
  const known: PodProbe = {
    name: probeTitle(whose),
    kind: isTls ? "https" : "http",
    path,
    headers,
    userAgent,
    // Go names in a ClientHello whom the URL names, unless that is an address.
    serverName: http.host === undefined || http.host === "" || isIP(http.host) !== 0 ? null : http.host,
  };
  const does = `${isTls ? "HTTPS " : ""}GET ${path} on port ${port ?? http.port}`;
  const elsewhere = http.host
    ? { caveat: `it asks ${http.host}, from the node, and reaches the pod only if that leads there` }
    : {};
  return { ...whose, port, does, known, ...elsewhere };
}

/** As the kubelet sends them: a field of the spec takes the place of its own, an empty User-Agent takes it away. */
function fieldsOf(
  fields: readonly { readonly name: string; readonly value: string }[],
  ownAgent: string,
): Pick<PodProbe, "headers" | "userAgent"> {
  const headers: [string, string][] = [];
  let userAgent: string | null = ownAgent;
  for (const { name, value } of fields) {
    const lower = name.toLowerCase();
    if (lower === "user-agent") userAgent = value === "" ? null : value;
    // In HTTP/2 the host is no field, and an empty Accept is not sent.
    else if (lower !== "host" && !(lower === "accept" && value === "")) headers.push([lower, value]);
  }
  return { headers, userAgent };
}

/** A port's name is looked up in its own container (pkg/probe/util.go). */
function portOf(port: number | string, { ports }: ProbedContainer): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  return ports?.find(({ name }) => name === port)?.containerPort;
}

/** The kubelet reads the path as a part of a URL, and sends it as such: with a slash before it, and no fragment. */
function requestTarget(path: string): string {
  const rooted = path.startsWith("/") ? path : `/${path}`;
  const [sent = "/"] = rooted.split("#");
  return encodeURI(sent).replaceAll("%25", "%");
}
