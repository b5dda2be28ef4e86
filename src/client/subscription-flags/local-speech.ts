import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { BlockList } from "node:net";
import { ipVersion } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { LocalProtocol, LocalSpeech, LocalTls } from "../incoming/index.ts";
import { formatAddress, type PortMapping } from "./port-mapping.ts";

/** The flags that say how the local program is spoken to. */
export interface LocalSpeechFlags {
  readonly localProtocol: LocalProtocol;
  readonly localTls: boolean;
  readonly localTlsCa?: string;
}

/** Reads the flags; `problems` gets what is wrong with them. */
export function localSpeechOf(
  flags: LocalSpeechFlags,
  { ports, problems }: { ports: readonly PortMapping[]; problems: ClientError[] },
): LocalSpeech {
  const { localProtocol: protocol, localTls, localTlsCa } = flags;
  if (!localTls && localTlsCa === undefined) return { protocol, tls: null };
  if (!localTls)
    problems.push(
      new ClientError("usage", "--local-tls-ca is given, but the local program is spoken to in clear text", {
        hint: "Add --local-tls.",
      }),
    );
  const tls: LocalTls = { ca: localTlsCa === undefined ? null : readCa(localTlsCa, problems) };
  const faraway = ports.find((port) => !isLoopback(port.localAddress));
  if (localTls && localTlsCa === undefined && faraway !== undefined) {
    const address = formatAddress({ address: faraway.localAddress, port: faraway.localPort });
    problems.push(
      new ClientError("usage", `--local-tls takes any certificate only on loopback, not at ${address}`, {
        hint: "Add --local-tls-ca with the file of the authority that its certificate leads to.",
      }),
    );
  }
  return { protocol, tls };
}

function readCa(file: string, problems: ClientError[]): string {
  try {
    const text = readFileSync(file, "latin1");
    void new X509Certificate(text);
    return text;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = "Name a file of certificates in PEM, which begins with -----BEGIN CERTIFICATE-----.";
    problems.push(
      new ClientError("usage", `--local-tls-ca ${JSON.stringify(file)} cannot be used: ${reason}`, {
        hint,
        cause,
      }),
    );
    return "";
  }
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** An IPv4 address that is written in IPv6 counts as what it is. */
function isLoopback(address: string): boolean {
  return loopback.check(address, ipVersion(address) === 6 ? "ipv6" : "ipv4");
}
