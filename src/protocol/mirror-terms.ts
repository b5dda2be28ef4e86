import { numberField, orNull, type Untrusted, flagField } from "./message-fields.ts";

/** How much of what a filter matches is copied to a mirroring session, and with what. */
export interface MirrorTerms {
  /** The share of matching exchanges that are copied, above 0 and up to 1. */
  readonly sample: number;
  /** At most so many copies begin in a second; null knows no bound but those of memory. */
  readonly maxPerSecond: number | null;
  /** The session wants a copy of the app's answer, too. */
  readonly answers: boolean;
}

const SAMPLE = { min: Number.MIN_VALUE, max: 1 };
const RATE = { min: Number.MIN_VALUE, max: 1_000_000 };

/** @throws ProtocolError `bad-message` */
export function mirrorTerms(from: Untrusted): MirrorTerms {
  return {
    sample: numberField(from, "sample", SAMPLE),
    maxPerSecond: orNull(from, "maxPerSecond", (from, name) => numberField(from, name, RATE)),
    answers: flagField(from, "answers"),
  };
}
