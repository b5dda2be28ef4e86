import { printable } from "../../text/paint.ts";
import type { Flow, HostFlow } from "./flow.ts";
import { formatNetwork, isInNetwork, isOneAddress, parseAddress } from "./ip-network.ts";
import { fitName, type NameFit, type NamePattern } from "./name-pattern.ts";
import type { HostFlows, HostPattern, OutgoingRule, PortRange } from "./outgoing-rule.ts";
import { fitsPath } from "./path-pattern.ts";

/** That a rule fits a flow, and why; or that it may, and when. */
export type Fit =
  | {
      readonly sure: true;
      /** What it says of the flow, as the end of "the rule …". */
      readonly says: string;
      /** The name of the flow by which it fits, where it does so by name. */
      readonly name: string | undefined;
    }
  | { readonly sure: false /** As the end of "… unless". */; readonly when: string };

/** Whether a rule fits a flow; undefined when it does not, whatever else will be known. */
export function fitFlow(
  { flows }: OutgoingRule,
  flow: Flow,
  searchDomains: readonly string[] | null,
): Fit | undefined {
  if (flows.kind === "unix" || flow.kind === "unix") {
    if (flows.kind !== flow.kind || flows.kind !== "unix" || flow.kind !== "unix") return undefined;
    return fitsPath(flows.path, flow.path)
      ? { sure: true, says: "names this path", name: undefined }
      : undefined;
  }
  const host = fitHost(flows.host, flow, searchDomains);
  const beside = fitBeside(flows, flow);
  if (host === undefined || beside === undefined) return undefined;
  if (host.sure && beside.length === 0)
    return { sure: true, name: host.name, says: `${host.says}${about(flows)}${host.found}` };
  return { sure: false, when: [...(host.sure ? [] : [host.when]), ...beside].join(" and ") };
}

/** What has to be true of protocol and port; undefined when it is not. */
function fitBeside({ protocol, ports }: HostFlows, flow: HostFlow): string[] | undefined {
  const conditions: string[] = [];
  if (protocol !== null && flow.protocol !== protocol) {
    if (flow.protocol !== undefined) return undefined;
    conditions.push(`it is ${protocol.toUpperCase()}`);
  }
  if (ports !== null) {
    if (flow.port === undefined) conditions.push(`the port is ${portsText(ports)}`);
    else if (flow.port < ports.first || flow.port > ports.last) return undefined;
  }
  return conditions;
}

/** What a rule says beside its host. */
function about({ protocol, ports }: HostFlows): string {
  const over = protocol === null ? "" : ` over ${protocol.toUpperCase()}`;
  return ports === null ? over : `${over} at port ${portsText(ports)}`;
}

function portsText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** Beside what it says of the host, how the flow came to be one to that host, where that is to be said. */
type HostFit = (Extract<Fit, { sure: true }> & { readonly found: string }) | Extract<Fit, { sure: false }>;

function fitHost(
  host: HostPattern,
  flow: HostFlow,
  searchDomains: readonly string[] | null,
): HostFit | undefined {
  if (host.kind === "any") return { sure: true, says: "takes every host", found: "", name: undefined };
  if (host.kind === "name") return fitNames(host.name, flow, searchDomains);
  const text = formatNetwork(host.network);
  if (flow.address === undefined)
    return { sure: false, when: `its address is ${isOneAddress(host.network) ? "" : "in "}${text}` };
  const address = parseAddress(flow.address);
  if (address === undefined || !isInNetwork(address, host.network)) return undefined;
  const says = isOneAddress(host.network) ? "names this address" : `takes all of ${text}`;
  return { sure: true, says, found: "", name: undefined };
}

function fitNames(
  pattern: NamePattern,
  { names, address }: HostFlow,
  searchDomains: readonly string[] | null,
): HostFit | undefined {
  if (names === undefined)
    return { sure: false, when: `the program has found this address under a name like ${pattern.glob}` };
  let perhaps: HostFit | undefined;
  for (const { name } of names) {
    const fit = fitName(pattern, name, searchDomains);
    if (fit === undefined) continue;
    if (fit.how !== "if-search") return { sure: true, ...byName(fit, name, address), name };
    perhaps ??= { sure: false, when: `${fit.searchDomain} is one of the pod's search domains` };
  }
  return perhaps;
}

/** By which name of the flow it fits. */
function byName(fit: Exclude<NameFit, { how: "if-search" }>, name: string, address: string | undefined) {
  const shown = printable(name);
  const says = `names ${fit.how === "as-it-is" ? shown : printable(fit.short)}`;
  const found = address === undefined ? "" : `; the address was found under ${shown}`;
  if (fit.how === "as-it-is") return { says, found };
  return { says, found: `${found || `; ${shown}`}, which is in the pod's search domain ${fit.searchDomain}` };
}
