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
 * | `over-bound`     | the session's bound is reached elsewhere: it is the app's, whatever the session said of failures |
 * | `http2-…`        | the program reset its stream with this code of RFC 9113 §7; in the other direction the caller did |
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
  "over-bound": { number: 11, untouched: true },
  "http2-no-error": { number: 64, untouched: false },
  "http2-protocol-error": { number: 65, untouched: false },
  "http2-internal-error": { number: 66, untouched: false },
  "http2-flow-control-error": { number: 67, untouched: false },
  "http2-settings-timeout": { number: 68, untouched: false },
  "http2-stream-closed": { number: 69, untouched: false },
  "http2-frame-size-error": { number: 70, untouched: false },
  // RFC 9113 §8.7: a promise that nothing was done for it.
  "http2-refused-stream": { number: 71, untouched: true },
  "http2-cancel": { number: 72, untouched: false },
  "http2-compression-error": { number: 73, untouched: false },
  "http2-connect-error": { number: 74, untouched: false },
  "http2-enhance-your-calm": { number: 75, untouched: false },
  "http2-inadequate-security": { number: 76, untouched: false },
  "http2-http11-required": { number: 77, untouched: false },
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

/** Numbers of `http2-…` codes are those of RFC 9113 §7 with this added. */
const HTTP2_BASE = 64;

/** The code for a stream that was reset with this error code; an unknown one is an internal error (RFC 9113 §7). */
export function http2ResetCode(errorCode: number): ResetCode {
  return byNumber[HTTP2_BASE + errorCode] ?? "http2-internal-error";
}

/** The error code of RFC 9113 §7 that a reset carries, or undefined when it was no reset of an HTTP/2 stream. */
export function http2ErrorCodeOf(code: ResetCode): number | undefined {
  const { number } = resetCodes[code];
  return number < HTTP2_BASE ? undefined : number - HTTP2_BASE;
}
