import { orNull, type Untrusted, wholeField } from "./message-fields.ts";

/** When a subscription ends by itself; null is never. */
export interface Bounds {
  /** After so many exchanges. */
  readonly maxRequests: number | null;
  /** After so long, in milliseconds. */
  readonly forMs: number | null;
}

const COUNT = { min: 1, max: Number.MAX_SAFE_INTEGER };
/** What a timer of Node can count, 24 days: longer is never. */
const TIME = { min: 1, max: 2 ** 31 - 1 };

/** @throws ProtocolError `bad-message` */
export function bounds(from: Untrusted): Bounds {
  return {
    maxRequests: orNull(from, "maxRequests", (from, name) => wholeField(from, name, COUNT)),
    forMs: orNull(from, "forMs", (from, name) => wholeField(from, name, TIME)),
  };
}
