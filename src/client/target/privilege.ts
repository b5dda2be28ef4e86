import { readFileSync } from "node:fs";
import { ClientError } from "../errors.ts";

/** Bits of the capability set (capabilities(7)). */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

/**
 * Makes sure that this process may enter another network namespace and change its rules.
 * Asks for the capabilities and not for uid 0, so that root of a user namespace and a capable service both pass.
 * @throws ClientError `not-permitted`.
 */
export function requirePrivilege(statusPath = "/proc/self/status"): void {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(statusPath, "utf8"))?.[1] ?? "0";
  const held = BigInt(`0x${effective}`);
  const missing: string[] = [];
  if (((held >> CAP_SYS_ADMIN) & 1n) === 0n)
    missing.push("CAP_SYS_ADMIN (to enter the target's network namespace)");
  if (((held >> CAP_NET_ADMIN) & 1n) === 0n) missing.push("CAP_NET_ADMIN (to redirect its ports)");
  if (missing.length === 0) return;
  throw new ClientError("not-permitted", `this user lacks ${missing.join(" and ")}`, {
    hint: 'Run it as root: sudo env "PATH=$PATH" magpie …',
  });
}
