/**
 * Why a stream ended before its end.
 *
 * `untouched` says that provably nothing was delivered to the program at the far end: only then may somebody else be
 * asked in its place. A number is what travels; 0 is never used.
 *
 * | code             | meaning                                                        |
 * |------------------|----------------------------------------------------------------|
 * | `cancelled`      | the caller is gone, or the user gave up                         |
 * | `local-refused`  | nothing listens where the stream should go                      |
 * | `local-stranger` | what listens there is not the program of this session           |
 * | `local-closed`   | the program closed before its answer was whole                  |
 * | `local-timeout`  | the program took longer than it was allowed                     |
 * | `refused`        | the receiver takes no streams, or no more of them               |
 * | `protocol-error` | a frame or its payload broke a rule of the stream               |
 * | `internal`       | a fault of ours                                                 |
 * | `session-closed` | the tunnel is gone; never travels, each end tells itself        |
 * | `flow-control`   | more was sent than the credit or a queue's bound allowed        |
 */
export const resetCodes = {
  cancelled: { number: 1, untouched: false },
  "local-refused": { number: 2, untouched: true },
  "local-stranger": { number: 3, untouched: true },
  "local-closed": { number: 4, untouched: false },
  "local-timeout": { number: 5, untouched: false },
  refused: { number: 6, untouched: true },
  "protocol-error": { number: 7, untouched: false },
  internal: { number: 8, untouched: false },
  "session-closed": { number: 9, untouched: false },
  "flow-control": { number: 10, untouched: false },
} as const;
export type ResetCode = keyof typeof resetCodes;

const byNumber: ResetCode[] = [];
for (const [code, { number }] of Object.entries(resetCodes)) byNumber[number] = code as ResetCode; // Own keys of the table.

/** Whether nothing can have reached the program: somebody else may answer. */
export function isUntouched(code: ResetCode): boolean {
  return resetCodes[code].untouched;
}

/** The code of a number from the wire. One that a newer peer invented reads as `internal`, which promises nothing. */
export function resetCodeOf(number: number): ResetCode {
  return byNumber[number] ?? "internal";
}
