import { readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { RunMark } from "../../process/index.ts";
import { killLeftovers, type RunTraces } from "./leftovers.ts";

/**
 * A program of its own, which `DeathWatch` becomes when magpie has died: kills what belongs to the run whose mark is the
 * first argument; the others are processes of it, as `pid:start time`. Descriptor 3 may be the listener: then whoever makes a held call is killed too, and all is done when
 * nobody is left who could.
 */
const LISTENER = 3;
const LOOK_AGAIN_MS = 50;
/** What has hidden itself from us and makes no held call for so long is left to fail at its next one (ENOSYS). */
const GIVE_UP_MS = 60_000;

const [, , mark, ...orphans] = process.argv;
const run: RunTraces = {
  mark: new RunMark(mark),
  known: orphans.map((text) => {
    const [pid, startTime] = text.split(":").map(Number);
    return { pid: pid ?? 0, startTime: startTime ?? 0 };
  }),
};
const end = performance.now() + GIVE_UP_MS;
killLeftovers(run);
if (hasListener()) await killUntilDeserted();
else await killUntilNoneIsFound();

function hasListener(): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${LISTENER}`).includes("seccomp notify");
  } catch {
    return false; // it was closed: nobody answered any more
  }
}

async function killUntilDeserted(): Promise<void> {
  // It takes long to load: most is done by then.
  const { PairPoll, SeccompListener } = await import("../../../kernel/supervision/index.ts");
  const listener = new SeccompListener(LISTENER);
  const poll = new PairPoll(LISTENER, -1);
  for (let looks = 0; performance.now() < end; looks++) {
    // What is not found soon has hidden itself: from then on mostly calls are waited for.
    if (looks < 20 || looks % 20 === 0) killLeftovers(run);
    while (poll.wait(LOOK_AGAIN_MS) && poll.isReadable(0)) {
      const call = listener.receive();
      if (call !== null) kill(call.tid);
    }
    if (poll.isOver(0)) return;
  }
}

async function killUntilNoneIsFound(): Promise<void> {
  // One that is just being started is found at the second look.
  for (let quietLooks = 0; quietLooks < 3 && performance.now() < end; ) {
    quietLooks = killLeftovers(run) === 0 ? quietLooks + 1 : 0;
    await delay(LOOK_AGAIN_MS);
  }
}

function kill(tid: number): void {
  try {
    process.kill(tid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
