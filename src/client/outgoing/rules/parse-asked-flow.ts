import { formatNetwork, isOneAddress } from "./ip-network.ts";
import type { Flow } from "./flow.ts";
import type { HostFlows, HostPattern } from "./outgoing-rule.ts";
import { readFlows } from "./read-flows.ts";
import { Written } from "./written.ts";

const hint = "Ask for one of it: redis:6379, udp://10.96.0.10:53, tcp://[fd00::1]:443, unix:/run/app.sock.";

/**
 * Reads which flow somebody asks about, in the words of a rule, but without stars, networks and ranges: `redis:6379`, `redis`,
 * `10.1.2.3`, `udp://[fd00::1]:53`, `unix:/run/app.sock`, `unix:@name`.
 * @throws ClientError `usage`, with the place and how to write it
 */
export function parseAskedFlow(text: string): Flow {
  const written = new Written(text, "what to explain");
  const word = /^(?:local|remote):/.exec(text)?.[0];
  if (word !== undefined)
    throw written.wrong(0, `${word} belongs to a rule`, `--outgoing '${text}' says where it should lead.`);
  const flows = readFlows(written, 0);
  if (flows.kind === "unix") {
    if (flows.path.includes("*")) throw written.wrong(text.indexOf("*"), "a * stands for many sockets", hint);
    return { kind: "unix", path: flows.path.replace(/^@/, "\0") };
  }
  return askedHost(written, flows);
}

function askedHost(written: Written, { protocol, host, ports }: HostFlows): Flow {
  if (ports !== null && ports.first !== ports.last)
    throw written.wrong(written.text.lastIndexOf(":") + 1, "a range is many ports", hint);
  const common = { kind: "host", protocol: protocol ?? undefined, port: ports?.first } as const;
  return { ...common, ...oneHost(written, host) };
}

function oneHost(written: Written, host: HostPattern) {
  if (host.kind === "any" || (host.kind === "name" && host.name.glob.includes("*")))
    throw written.wrong(written.text.indexOf("*"), "a * stands for many hosts", hint);
  if (host.kind === "name") {
    const name = host.name.isAbsolute ? `${host.name.glob}.` : host.name.glob;
    return { address: undefined, names: [{ name, foundBy: "remote" } as const] };
  }
  if (!isOneAddress(host.network))
    throw written.wrong(written.text.indexOf("/"), "a network has many addresses", hint);
  return { address: formatNetwork(host.network), names: undefined };
}
