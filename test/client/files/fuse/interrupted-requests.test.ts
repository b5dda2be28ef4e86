import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { InterruptedRequests } from "../../../../src/client/files/fuse/interrupted-requests.ts";

void t.test(
  "a request is given up when its thread is being killed, at once or later, and not before",
  async (t) => {
    const givenUp: number[] = [];
    const doomed = new Set([1]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const interrupted = new InterruptedRequests({
      giveUp: (unique) => {
        givenUp.push(unique);
        interrupted.delete(unique);
        if (unique === 20) resolve();
      },
      isBeingKilled: (pid) => doomed.has(pid),
    });
    // Its own timer keeps no process.
    const alive = setInterval(() => {}, 1000);
    t.teardown(() => {
      clearInterval(alive);
      interrupted.close();
    });
    interrupted.add(10, 1);
    interrupted.add(20, 2);
    interrupted.add(30, 3);
    t.same(givenUp, [10]);
    doomed.add(2);
    await promise;
    t.same(givenUp, [10, 20]);
  },
);

void t.test("a thread that is gone is one that was killed; one that sleeps is not", async (t) => {
  const givenUp: number[] = [];
  const interrupted = new InterruptedRequests({ giveUp: (unique) => givenUp.push(unique) });
  t.teardown(() => interrupted.close());
  const sleeper = spawn("sleep", ["100"]);
  await once(sleeper, "spawn");
  interrupted.add(1, sleeper.pid ?? 0);
  t.same(givenUp, []);
  sleeper.kill("SIGKILL");
  await once(sleeper, "exit");
  interrupted.add(2, sleeper.pid ?? 0);
  t.ok(givenUp.includes(2));
});
