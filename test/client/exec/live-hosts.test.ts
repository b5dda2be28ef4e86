import t from "tap";
import { LiveHosts } from "../../../src/client/exec/live-hosts.ts";

function live(first: string | null) {
  const state = { pods: first, now: 0, reads: 0 };
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  const hosts = new LiveHosts({
    read: async () => {
      state.reads++;
      if (state.pods === "gone") throw new Error("the agent is away");
      return bytes(state.pods);
    },
    made: (pods) => Buffer.from(`made of ${String(pods)}`),
    first: bytes(first),
    now: () => state.now,
  });
  return { hosts, state };
}

void t.test("a change of the pod's file is told once, and asked for once a second at most", async (t) => {
  const { hosts, state } = live("a");
  state.pods = "b";
  t.equal(await hosts.changed(), undefined, "it was read a moment ago");
  t.equal(state.reads, 0);
  state.now = 1_000;
  const together = await Promise.all([hosts.changed(), hosts.changed()]);
  t.same(together.map(String), ["made of b", "made of b"]);
  t.equal(state.reads, 1);
  state.now = 2_000;
  t.equal(await hosts.changed(), undefined, "nothing has changed");
  state.now = 3_000;
  state.pods = null;
  t.equal(String(await hosts.changed()), "made of null", "it was removed");
});

void t.test("where the pod cannot be asked, what was read last counts", async (t) => {
  const { hosts, state } = live("a");
  state.now = 1_000;
  state.pods = "gone";
  t.equal(await hosts.changed(), undefined);
  state.now = 2_000;
  state.pods = "b";
  t.equal(String(await hosts.changed()), "made of b");
});
