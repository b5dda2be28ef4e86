import { test } from "tap";
import { INITIAL_WINDOW_BYTES, MAX_CREDIT_BYTES } from "../../src/protocol/index.ts";
import { ReceiveWindow, SendCredit } from "../../src/tunnel/flow-control.ts";

const limits = {
  windowBytes: INITIAL_WINDOW_BYTES,
  minWindowBytes: INITIAL_WINDOW_BYTES / 4,
  maxWindowBytes: 4 * INITIAL_WINDOW_BYTES,
};
const HALF = INITIAL_WINDOW_BYTES / 2;

/** Lets a window be consumed by halves, each in so many round trips, beside as many frames of other streams. */
function consumeHalves(
  window: ReceiveWindow,
  pace: { halves: number; roundTrips: number; others: number },
): void {
  let receivedFrames = 0;
  for (let half = 0; half < pace.halves; half++) {
    const bytes = window.windowBytes / 2;
    window.receive(bytes);
    window.consume(bytes);
    receivedFrames += 1 + pace.others;
    window.takeGrant({ nowMs: half * 50 * pace.roundTrips, bestRoundTripMs: 50, receivedFrames });
  }
}

void test("credit never exceeds what can be counted", async (t) => {
  const credit = new SendCredit();
  t.notOk(credit.grant(MAX_CREDIT_BYTES));
  t.ok(credit.grant(MAX_CREDIT_BYTES - INITIAL_WINDOW_BYTES));
  t.notOk(credit.grant(1));
});

void test("what is granted is exactly what was consumed", async (t) => {
  const window = new ReceiveWindow(limits);
  t.ok(window.receive(INITIAL_WINDOW_BYTES));
  t.notOk(window.receive(1));
  t.ok(window.consume(HALF));
  t.ok(window.isGrantDue);
  t.equal(window.takeGrant({ nowMs: 0, bestRoundTripMs: undefined, receivedFrames: 0 }), HALF);
  t.ok(window.receive(HALF));
  t.notOk(window.receive(1));
});

void test("consuming more than was received, or less than nothing, is refused", async (t) => {
  const window = new ReceiveWindow(limits);
  window.receive(10);
  for (const bytes of [11, -1, Number.NaN]) t.notOk(window.consume(bytes));
  t.ok(window.consume(10));
});

void test("a window doubles on a long way that it limits, up to its bound", async (t) => {
  const window = new ReceiveWindow(limits);
  consumeHalves(window, { halves: 10, roundTrips: 0.2, others: 0 });
  t.equal(window.windowBytes, limits.maxWindowBytes);
});

void test("a window stays while its half lasts one to two round trips, alone two to four", async (t) => {
  for (const pace of [
    { halves: 10, roundTrips: 1.2, others: 1 },
    { halves: 10, roundTrips: 1.9, others: 1 },
    { halves: 10, roundTrips: 2.1, others: 0 },
    { halves: 10, roundTrips: 3.9, others: 0 },
  ]) {
    const window = new ReceiveWindow(limits);
    consumeHalves(window, pace);
    t.equal(
      window.windowBytes,
      INITIAL_WINDOW_BYTES,
      `${pace.roundTrips} round trips, ${pace.others} others`,
    );
  }
});

void test("a window is halved beside others while its half lasts longer, down to its bound", async (t) => {
  const window = new ReceiveWindow(limits);
  consumeHalves(window, { halves: 2, roundTrips: 2.2, others: 1 });
  t.equal(window.windowBytes, HALF, "the first half tells nothing: nobody knows when it began");
  consumeHalves(window, { halves: 10, roundTrips: 2.2, others: 1 });
  t.equal(window.windowBytes, limits.minWindowBytes);
});

void test("a window that has grown alone is halved to the initial one and no further", async (t) => {
  const window = new ReceiveWindow(limits);
  consumeHalves(window, { halves: 3, roundTrips: 0.2, others: 0 });
  t.equal(window.windowBytes, limits.maxWindowBytes);
  consumeHalves(window, { halves: 10, roundTrips: 9, others: 0 });
  t.equal(window.windowBytes, INITIAL_WINDOW_BYTES);
});

void test("on a short way a window grows alone, and shrinks beside other streams until they were silent", async (t) => {
  const window = new ReceiveWindow(limits);
  let receivedFrames = 0;
  const pay = (nowMs: number, frames: { bytes: number; others: number }): number => {
    t.ok(window.receive(frames.bytes));
    t.ok(window.consume(frames.bytes));
    receivedFrames += 1 + frames.others;
    return window.takeGrant({ nowMs, bestRoundTripMs: 1, receivedFrames });
  };
  t.equal(
    pay(0, { bytes: HALF, others: 5 }),
    HALF,
    "the first half tells nothing: nobody knows when it began",
  );
  const grown = 256 * 1024;
  t.equal(pay(1, { bytes: HALF, others: 0 }), HALF + grown - INITIAL_WINDOW_BYTES);
  t.equal(pay(2, { bytes: HALF, others: 1 }), 0, "more is on its way than the small window holds");
  t.equal(window.windowBytes, limits.minWindowBytes);
  t.notOk(window.isGrantDue);
  const rest = grown - HALF;
  t.equal(pay(3, { bytes: rest, others: 0 }), limits.minWindowBytes);
  t.equal(
    pay(1_002, { bytes: limits.minWindowBytes, others: 0 }),
    limits.minWindowBytes,
    "they may come back",
  );
  t.equal(pay(1_003, { bytes: limits.minWindowBytes, others: 0 }), grown);
});

void test("a window larger than the initial one is announced at once", async (t) => {
  const window = new ReceiveWindow({
    windowBytes: 4 * INITIAL_WINDOW_BYTES,
    minWindowBytes: 4 * INITIAL_WINDOW_BYTES,
    maxWindowBytes: 4 * INITIAL_WINDOW_BYTES,
  });
  t.ok(window.isGrantDue);
  t.equal(
    window.takeGrant({ nowMs: 0, bestRoundTripMs: undefined, receivedFrames: 0 }),
    3 * INITIAL_WINDOW_BYTES,
  );
});
