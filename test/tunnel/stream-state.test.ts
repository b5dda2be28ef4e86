import { test } from "tap";
import {
  isOver,
  nextState,
  OPEN,
  RECEIVE_END,
  SEND_END,
  type StreamMove,
} from "../../src/tunnel/stream-state.ts";

const RESET: StreamMove = { move: "reset", by: "peer", code: "cancelled" };

void test("each direction ends once, in any order", async (t) => {
  const sent = nextState(OPEN, SEND_END);
  const received = nextState(OPEN, RECEIVE_END);
  if (sent === undefined || received === undefined) throw new Error("an open stream may end");
  t.strictSame([sent.at, received.at], ["half-sent", "half-received"]);
  t.equal(nextState(sent, SEND_END), undefined);
  t.equal(nextState(received, RECEIVE_END), undefined);
  t.strictSame(nextState(sent, RECEIVE_END), { at: "closed" });
  t.strictSame(nextState(received, SEND_END), { at: "closed" });
});

void test("a reset ends any stream that is not over, and nothing moves one that is", async (t) => {
  const reset = nextState(OPEN, RESET);
  t.strictSame(reset, { at: "reset", by: "peer", code: "cancelled" });
  for (const state of [
    { at: "closed" as const },
    { at: "reset" as const, by: "us" as const, code: "internal" as const },
  ]) {
    t.ok(isOver(state));
    for (const move of [SEND_END, RECEIVE_END, RESET]) t.equal(nextState(state, move), undefined);
  }
});
