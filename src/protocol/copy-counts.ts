import { type Untrusted, wholeField } from "./message-fields.ts";

/** What became of the exchanges that a mirror's filter matched. Each counts once, when it is known; none is taken back. */
export interface CopyCounts {
  /** Copied in full, and delivered as the session says. */
  readonly sent: number;
  /** Not copied, or not in full: nobody took the bytes in time, or the caller never sent the rest. */
  readonly dropped: number;
  /** Copied, but the session could not deliver them. */
  readonly failed: number;
  /** Left out by `sample` or `maxPerSecond`. */
  readonly skipped: number;
  /** Answers of the app that were not copied in full; their requests count above. */
  readonly answersDropped: number;
  /** Heads and content of all copies, whatever became of them. */
  readonly bytes: number;
}

/** @throws ProtocolError `bad-message` */
export function copyCounts(from: Untrusted): CopyCounts {
  return {
    sent: wholeField(from, "sent"),
    dropped: wholeField(from, "dropped"),
    failed: wholeField(from, "failed"),
    skipped: wholeField(from, "skipped"),
    answersDropped: wholeField(from, "answersDropped"),
    bytes: wholeField(from, "bytes"),
  };
}
