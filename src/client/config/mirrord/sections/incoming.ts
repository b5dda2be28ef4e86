import type { Config } from "../../schema/index.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { MirrordHttpFilter, MirrordIncoming, MirrordTlsDelivery } from "../shape/incoming.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";
import { httpFilterOf } from "./http-filter.ts";

const at: MirrordPath = ["feature", "network", "incoming"];

type Incoming = NonNullable<Config["incoming"]>;

/** `feature.network.incoming`, and what else is about requests. */
export function incomingOf(config: MirrordConfig, report: TranslationReport): Incoming {
  const { network } = config.feature ?? {};
  const written = typeof network === "object" ? network.incoming : network;
  if (written === false || written === "off") return { mode: "off" };
  const incoming: MirrordIncoming = typeof written === "object" ? written : {};
  // mirrord copies requests unless it is told to steal, with a filter as well.
  const mode = typeof written === "string" ? written : (incoming.mode ?? "mirror");
  const http = filterOf(incoming, report);
  const ports = portsOf(incoming, http, report);
  const filter = http === undefined ? undefined : httpFilterOf(http.filter, http, report);
  const localTls = localTlsOf(incoming, report);
  noteIdle(incoming, report);
  if (mode === "off") return { mode };
  return {
    mode,
    ...ports,
    // A filter is a config's filter as it is: its clauses are those of the schema.
    ...(filter !== undefined && { filter: filter as Incoming["filter"] }),
    ...(config.agent?.inject_headers === true && mode === "steal" && { servedBy: true }),
    ...(localTls !== undefined && { localTls }),
  };
}

/** `session.takeOver`, which mirrord says among what is about requests. */
export function takesOver(config: MirrordConfig): boolean {
  const { network } = config.feature ?? {};
  const incoming = typeof network === "object" ? network.incoming : undefined;
  return typeof incoming === "object" && incoming.on_concurrent_steal === "override";
}

interface PlacedFilter {
  readonly filter: MirrordHttpFilter;
  readonly path: MirrordPath;
  readonly headerKey?: string;
}

function filterOf(incoming: MirrordIncoming, report: TranslationReport): PlacedFilter | undefined {
  const { http_filter: filter, http_header_filter: old } = incoming;
  if (old !== undefined && typeof filter === "object") {
    report.problem([...at, "http_header_filter"], "http_filter is there too, which has taken its place", {
      hint: "Write all of it into http_filter.",
    });
    return undefined;
  }
  if (old !== undefined) {
    const { filter: header_filter, ports } = old;
    return {
      filter: {
        ...(header_filter !== undefined && { header_filter }),
        ...(ports !== undefined && { ports }),
      },
      path: [...at, "http_header_filter"],
      headerKey: "filter",
    };
  }
  return typeof filter === "object" ? { filter, path: [...at, "http_filter"] } : undefined;
}

/** Which ports of the program count, and which ports of the target they are. */
function portsOf(
  incoming: MirrordIncoming,
  http: PlacedFilter | undefined,
  report: TranslationReport,
): Partial<Pick<Incoming, "ports" | "otherPorts" | "ignorePorts">> {
  const { port_mapping: mapping = [], ports, ignore_ports: ignored = [] } = incoming;
  const remoteOf = new Map(mapping);
  noteRepeated(mapping, report);
  if (ports !== undefined && ignored.length > 0)
    report.problem([...at, "ignore_ports"], "ports is there too, and one of them says it all", {
      hint: "Leave out one of them.",
    });
  const filtered = filteredPorts(http, ports, report);
  const only = ports ?? filtered;
  const pair = (programPort: number): number | string => {
    const remotePort = remoteOf.get(programPort) ?? programPort;
    return remotePort === programPort ? programPort : `${remotePort}:${programPort}`;
  };
  if (only !== undefined) {
    for (const [index, [programPort]] of mapping.entries())
      if (!only.includes(programPort))
        report.notice(
          [...at, "port_mapping", index],
          `port ${programPort} is not one of the ports that are taken, and is left to this machine`,
        );
    return { ...(only.length > 0 && { ports: only.map(pair) }), otherPorts: false };
  }
  return {
    ...(mapping.length > 0 && { ports: mapping.map(([programPort]) => pair(programPort)) }),
    ...(ignored.length > 0 && { ignorePorts: ignored }),
  };
}

/**
 * The ports that a filter names for itself. Which requests come from other ports mirrord's versions do not agree on: none, or
 * all of them without a filter.
 */
function filteredPorts(
  http: PlacedFilter | undefined,
  ports: readonly number[] | undefined,
  report: TranslationReport,
): readonly number[] | undefined {
  const written = http?.filter.ports;
  if (http === undefined || written === undefined) return undefined;
  const filtered = typeof written === "number" ? [written] : written;
  const path = [...http.path, "ports"];
  if (ports === undefined) {
    report.notice(
      path,
      `only these ports are taken: ${filtered.join(", ")}; others are left to this machine`,
    );
    return filtered;
  }
  const others = ports.filter((port) => !filtered.includes(port));
  if (others.length > 0)
    report.problem(
      path,
      `a filter is for all ports that are taken, and ${others.join(", ")} would have none`,
      {
        hint: `Name them here too, or leave them out of ports. Two runs of magpie can take them each in its way.`,
      },
    );
  return undefined;
}

function noteRepeated(mapping: readonly (readonly [number, number])[], report: TranslationReport): void {
  for (const [index, [programPort, remotePort]] of mapping.entries()) {
    const earlier = mapping.slice(0, index);
    const twice = earlier.some(([other]) => other === programPort)
      ? `local port ${programPort}`
      : earlier.some(([, other]) => other === remotePort)
        ? `port ${remotePort} of the target`
        : undefined;
    if (twice !== undefined)
      report.problem([...at, "port_mapping", index], `${twice} is there twice`, {
        hint: "A pair is [local, remote], and each port stands in one of them.",
      });
  }
}

function localTlsOf(incoming: MirrordIncoming, report: TranslationReport): Incoming["localTls"] {
  const key = incoming.tls_delivery === undefined ? "https_delivery" : "tls_delivery";
  const delivery: MirrordTlsDelivery | undefined = incoming[key];
  if (delivery === undefined) return undefined;
  const { protocol, server_cert: certificate, server_name: serverName, trust_roots: roots = [] } = delivery;
  report.notice(
    [...at, key],
    "TLS is read where incoming.tls.cert and incoming.tls.key are given, which mirrord's operator knows",
  );
  if (protocol === "tcp") return false;
  if (serverName !== undefined)
    report.notice(
      [...at, key, "server_name"],
      "the local program is asked for the name that the caller asked for",
    );
  const files = [...(certificate === undefined ? [] : [certificate]), ...roots];
  const [ca, ...more] = files;
  if (ca === undefined) return true;
  if (more.length > 0)
    report.problem([...at, key, "trust_roots"], "one file vouches for the local program", {
      hint: "Put the certificates into one file in PEM.",
    });
  return { ca };
}

function noteIdle(
  { listen_ports: listen, on_concurrent_steal: concurrent }: MirrordIncoming,
  report: TranslationReport,
): void {
  if (listen !== undefined && listen.length > 0)
    report.notice(
      [...at, "listen_ports"],
      "a program in a sandbox with a network of its own has all ports free; without one, have it listen on the other port and name the pair in port_mapping",
    );
  if (concurrent === "continue")
    report.notice(
      [...at, "on_concurrent_steal"],
      "a place that somebody else holds is refused, and the program runs on without it; by filters several share a port",
    );
}
