import { isIPv4 } from "node:net"; // A pure function; nothing is opened.

const MAX_GROUPS = 8;
const GROUP = /^[0-9a-f]{1,4}$/i;
const ZONE = /^[0-9a-z.:-]+$/i;

/**
 * The version of an IP literal (RFC 4291 §2.2, a zone behind `%` included), 0 for what is none: what node:net says by `isIP`,
 * whose pattern for IPv6 takes 6 ms to be made ready in each process, ten times what all else here takes.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (!text.includes(":")) return isIPv4(text) ? 4 : 0;
  const zoneAt = text.indexOf("%");
  if (zoneAt >= 0 && !ZONE.test(text.slice(zoneAt + 1))) return 0;
  const halves = (zoneAt < 0 ? text : text.slice(0, zoneAt)).split("::");
  if (halves.length > 2) return 0;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    // Only the last one may end in an IPv4 address.
    const counted = half === "" ? 0 : groupsOf(half, index === halves.length - 1);
    if (counted === undefined) return 0;
    groups += counted;
  }
  // `::` stands for at least one group.
  return (halves.length === 1 ? groups === MAX_GROUPS : groups < MAX_GROUPS) ? 6 : 0;
}

/** How many groups of 16 bits there are between single colons; undefined when something is none. */
function groupsOf(text: string, mayEndInIPv4: boolean): number | undefined {
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const isMixed = mayEndInIPv4 && last.includes(".") && isIPv4(last);
  const hex = isMixed ? parts.slice(0, -1) : parts;
  return hex.every((part) => GROUP.test(part)) ? hex.length + (isMixed ? 2 : 0) : undefined;
}
