import type { Endpoint } from "../../../../kernel/index.ts";

/**
 * What the main thread tells the fast side beside answers. It comes by a BroadcastChannel, which the fast side reads without
 * ever waiting for its event loop.
 */
export type DecisionMessage =
  /** From now on this place on loopback stands for somebody in the pod. */
  | { readonly what: "relay"; readonly at: Endpoint; readonly remote: Endpoint }
  | { readonly what: "relay-closed"; readonly at: Endpoint }
  /** Datagrams of this socket to there go by that relay; null leaves them to the kernel. */
  | {
      readonly what: "way";
      readonly inode: number;
      readonly cookie: bigint;
      readonly to: Endpoint;
      readonly relay: Endpoint | null;
    }
  /** These sockets are gone. */
  | { readonly what: "gone"; readonly inodes: readonly number[] };
