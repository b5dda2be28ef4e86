import { readFileSync } from "node:fs";

/** Bits of the capability set (capabilities(7)): what making and changing namespaces takes without a user namespace. */
const NEEDED = [12n /* CAP_NET_ADMIN */, 13n /* CAP_NET_RAW */, 21n /* CAP_SYS_ADMIN */];

/** Whether namespaces can only be made inside of a user namespace of their own (user_namespaces(7)): root can do without. */
export function needsOwnUsers(statusPath = "/proc/self/status"): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(statusPath, "utf8"))?.[1] ?? "0";
  const held = BigInt(`0x${effective}`);
  return NEEDED.some((bit) => ((held >> bit) & 1n) === 0n);
}
