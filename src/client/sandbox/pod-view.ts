import type { Outgoing } from "../outgoing/index.ts";

/** What a program in a sandbox is to see of its pod, beside the variables. */
export interface PodView {
  /** The pod's own, IP literals of both families. */
  readonly addresses: readonly string[];
  /** Undefined leaves this machine's name. */
  readonly hostname: string | undefined;
  readonly outgoing: Outgoing;
}
