import type { Namespaces } from "../../../test/fixtures/namespaces.ts";
import { layNetemLink } from "./netem-link.ts";
import { layRelayLink } from "./relay-link.ts";

/** A long and lossy way: the same delay and loss in each direction. */
export interface LinkQuality {
  readonly delayMs: number;
  /** Share of packets that are lost, 0 to 1. */
  readonly loss: number;
  /** Packets that may be on their way in one direction; one more is lost. netem's default is 1,000. */
  readonly queuePackets: number;
}

/** 40 ms there and back, 1 % lost each way. */
export const linkQuality: LinkQuality = { delayMs: 20, loss: 0.01, queuePackets: 1_000 };

/** A link between two namespaces, ready for use. */
export interface EmulatedLink {
  /** The pod's address on it. */
  readonly podAddress: string;
  /** What emulates it, for the report. */
  readonly about: string;
}

/** Lays the link by `tc netem` where the kernel has it, else through a relay of our own. The stack takes it away. */
export async function layLink(namespaces: Namespaces, stack: AsyncDisposableStack): Promise<EmulatedLink> {
  return (
    (await layNetemLink(namespaces, linkQuality)) ?? (await layRelayLink(namespaces, linkQuality, stack))
  );
}
