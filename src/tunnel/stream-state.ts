import type { ResetCode } from "../protocol/index.ts";

/**
 * Where a stream is. Each direction ends by itself (half-close); a reset ends both.
 *
 * ```
 *            send-end                  receive-end
 *   open ──────────────▶ half-sent ───────────────▶ closed
 *    │  ╲ receive-end                send-end        ▲
 *    │   ╲─────────────▶ half-received ──────────────╯
 *    ╰─ reset, from any state but closed ───────────▶ reset
 * ```
 *
 * | state           | we may send | we may receive |
 * |-----------------|-------------|----------------|
 * | `open`          | yes         | yes            |
 * | `half-sent`     | no          | yes            |
 * | `half-received` | yes         | no             |
 * | `closed`        | no          | no             |
 * | `reset`         | no          | no             |
 */
export type StreamState =
  | { readonly at: "open" | "half-sent" | "half-received" | "closed" }
  | { readonly at: "reset"; readonly by: "us" | "peer"; readonly code: ResetCode };

/** What moves a stream. */
export type StreamMove =
  | { readonly move: "send-end" | "receive-end" }
  | { readonly move: "reset"; readonly by: "us" | "peer"; readonly code: ResetCode };

export const OPEN: StreamState = { at: "open" };
export const SEND_END: StreamMove = { move: "send-end" };
export const RECEIVE_END: StreamMove = { move: "receive-end" };
const HALF_SENT: StreamState = { at: "half-sent" };
const HALF_RECEIVED: StreamState = { at: "half-received" };
const CLOSED: StreamState = { at: "closed" };

/** The state after a move, or undefined when the rules have no such move. */
export function nextState(state: StreamState, step: StreamMove): StreamState | undefined {
  if (isOver(state)) return undefined;
  if (step.move === "reset") return { at: "reset", by: step.by, code: step.code };
  if (step.move === "send-end") return !maySend(state) ? undefined : state.at === "open" ? HALF_SENT : CLOSED;
  return !mayReceive(state) ? undefined : state.at === "open" ? HALF_RECEIVED : CLOSED;
}

export function maySend(state: StreamState): boolean {
  return state.at === "open" || state.at === "half-received";
}

export function mayReceive(state: StreamState): boolean {
  return state.at === "open" || state.at === "half-sent";
}

/** Neither direction can carry anything any more. */
export function isOver(state: StreamState): boolean {
  return state.at === "closed" || state.at === "reset";
}
