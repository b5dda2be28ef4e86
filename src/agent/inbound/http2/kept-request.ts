import type { HeaderList } from "./header-list.ts";

/** A stolen request as the app would need it, while nobody has taken it. */
export interface KeptRequest {
  readonly head: HeaderList;
  /** Bounded by the stream's window: no credit is given while it is kept. */
  readonly body: Buffer[];
  trailers: HeaderList | undefined;
  isWhole: boolean;
}
