import t from "tap";
import { hasHandledSignalPending } from "../../../../src/client/sandbox/supervisor/pending-signals.ts";

/** Bit n - 1 for signal n, as /proc shows it. */
const set = (...signals: number[]): string =>
  signals
    .reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n)
    .toString(16)
    .padStart(16, "0");

const status = (sets: { thread?: number; process?: number; blocked?: number; caught?: number }): string =>
  [
    "Name:\tprogram",
    `SigPnd:\t${set(...(sets.thread === undefined ? [] : [sets.thread]))}`,
    `ShdPnd:\t${set(...(sets.process === undefined ? [] : [sets.process]))}`,
    `SigBlk:\t${set(...(sets.blocked === undefined ? [] : [sets.blocked]))}`,
    `SigIgn:\t${set()}`,
    `SigCgt:\t${set(...(sets.caught === undefined ? [] : [sets.caught]))}`,
    "",
  ].join("\n");

void t.test("only a signal that waits, is handled and is not blocked would interrupt", async (t) => {
  const procDirectory = t.testdir({
    "1": { status: status({ process: 2, caught: 2 }) },
    "2": { status: status({ thread: 64, caught: 64 }) },
    "3": { status: status({ process: 2 }) },
    "4": { status: status({ process: 2, caught: 2, blocked: 2 }) },
    "5": { status: status({ caught: 2 }) },
    "6": { status: "garbage" },
  });
  const answers = [1, 2, 3, 4, 5, 6, 7].map((tid) => hasHandledSignalPending(tid, procDirectory));
  t.same(answers, [true, true, false, false, false, false, false]);
});
