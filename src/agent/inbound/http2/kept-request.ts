import type { HeaderPair } from "../../../http/index.ts";

/** A stolen request as the app would need it, while nobody has taken it. */
export interface KeptRequest {
  readonly head: readonly HeaderPair[];
  /** Names that no proxy may put into a table (RFC 7541 §7.1.3). */
  readonly neverIndexed: ReadonlySet<string>;
  /** Bounded by the stream's window: no credit is given while it is kept. */
  readonly body: Buffer[];
  trailers: readonly HeaderPair[] | undefined;
  isWhole: boolean;
}
