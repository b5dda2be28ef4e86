import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { DialerWatch } from "../../../../../../src/client/sandbox/calls/socket/slow/dialer-watch.ts";
import { until } from "../../../../../fixtures/until.ts";

void t.test("what is dialled for a process that has ended is given up, and nothing else", async (t) => {
  const child = spawn("sleep", ["100"]);
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  using watch = new DialerWatch({ lookMs: 5 });
  const givenUp: string[] = [];
  const dial = (name: string, at: "dialling" | "connected" = "dialling") => ({
    state: { at },
    giveUp: () => givenUp.push(name),
  });
  watch.watch(dial("ours"), process.pid);
  watch.watch(dial("the child's"), child.pid as number);
  watch.watch(dial("the child's, done", "connected"), child.pid as number);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(givenUp, []);
  child.kill("SIGKILL");
  await once(child, "exit");
  await until(() => givenUp.length > 0, { what: "a dial to be given up" });
  t.same(givenUp, ["the child's"]);
});
