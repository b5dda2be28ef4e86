import { ipVersion } from "../../../protocol/index.ts";
import type { Endpoint } from "../../../kernel/index.ts";
import { canonicalName } from "../rules/index.ts";

const NAME_SERVER_PORT = 53;
/** libc reads three (MAXNS of resolv.h), others as many as there are. */
const MAX_SERVERS = 16;
const MAX_SEARCH_DOMAINS = 32;
const MAX_BYTES = 64 * 1024;

/** Whom a resolver asks when there is no file, or no server in it (resolv.conf(5)). */
const thisHost: Endpoint = { family: 4, address: "127.0.0.1", port: NAME_SERVER_PORT };

/**
 * The name servers of resolv.conf(5), in the order in which they are asked; null is a file that is not there. Resolvers differ in
 * whether a line may begin with blanks, and what follows an address: what any of them takes for a server is given.
 */
export function nameServersOf(file: Buffer | null): readonly Endpoint[] {
  const servers: Endpoint[] = [];
  for (const [keyword, value = ""] of wordsOf(file)) {
    const address = value.replace(/%.*/s, "");
    const family = ipVersion(address);
    if (keyword !== "nameserver" || (family !== 4 && family !== 6)) continue;
    if (servers.length < MAX_SERVERS && !servers.some((server) => server.address === address))
      servers.push({ family, address, port: NAME_SERVER_PORT });
  }
  return servers.length === 0 ? [thisHost] : servers;
}

/** The search domains: of several lines the last one counts, and `domain` is a list of one (resolv.conf(5)). */
export function searchDomainsOf(file: Buffer | null): readonly string[] {
  let domains: readonly string[] = [];
  for (const [keyword, ...values] of wordsOf(file)) {
    if (keyword === "search") domains = values;
    else if (keyword === "domain") domains = values.slice(0, 1);
  }
  return domains
    .map(canonicalName)
    .filter((domain) => /^[\w-]+(?:\.[\w-]+)*$/.test(domain))
    .slice(0, MAX_SEARCH_DOMAINS);
}

function wordsOf(file: Buffer | null): string[][] {
  const lines = file?.toString("latin1", 0, MAX_BYTES).split("\n") ?? [];
  return lines.filter((line) => !/^\s*[#;]/.test(line)).map((line) => line.trim().split(/\s+/));
}
