import type { Namespaces } from "../../../test/fixtures/namespaces.ts";
import type { EmulatedLink, LinkQuality } from "./emulated-link.ts";

/** Makes the veth pair long and lossy by tc-netem(8); undefined when the kernel lacks it. The namespaces take it along. */
export async function layNetemLink(
  { client, pod }: Namespaces,
  { delayMs, loss, queuePackets }: LinkQuality,
): Promise<EmulatedLink | undefined> {
  const netem = ["delay", `${delayMs}ms`, "loss", `${loss * 100}%`, "limit", String(queuePackets)];
  for (const namespace of [client, pod]) {
    const { code } = await namespace.run("tc", "qdisc", "add", "dev", "eth0", "root", "netem", ...netem);
    if (code !== 0) return undefined; // The first one fails when the kernel has no netem: nothing is to be undone.
  }
  return { podAddress: pod.address4, about: `tc netem ${netem.join(" ")}, at both ends` };
}
