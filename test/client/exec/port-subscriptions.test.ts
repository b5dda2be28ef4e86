import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { PortSubscriptions } from "../../../src/client/exec/port-subscriptions.ts";
import type { DeliveringSession } from "../../../src/client/running/delivering-session.ts";
import { jsonReporter } from "../../../src/client/running/index.ts";
import { Standing } from "../../../src/client/running/standing.ts";

/** Subscriptions of ports to a session that gives what is asked for, but for ports that somebody else holds. */
function stage(
  ports: [remotePort: number, programPort: number][] = [],
  { ignored = [], others = true }: { ignored?: number[]; others?: boolean } = {},
) {
  const asked: number[] = [];
  const held = new Set<number>();
  const left: number[] = [];
  const questions: number[] = [];
  const reachable = new Set<number>();
  const told: { code?: string; message?: string }[] = [];
  const ready: string[] = [];
  const standing = new Standing({ ports: [], filter: null, bounds: { maxRequests: null, forMs: null } });
  const subscriptions = new PortSubscriptions({
    incoming: {
      work: { mode: "steal", priority: 0, onLocalFailure: "original", probes: "original", servedBy: false },
      ports: ports.map(([remotePort, programPort]) => ({ remotePort, programPort })),
      ...{ ignored, others },
    },
    standing,
    reporter: jsonReporter((line) => told.push(JSON.parse(line) as object)),
    isLoop: (remotePort) => remotePort === 666,
    onHeld: (port, { remote }) => ready.push(`${remote} → ${port}`),
    onLeft: ({ port }) => left.push(port),
    isReachable: (port) => {
      questions.push(port);
      return Promise.resolve(reachable.has(port));
    },
  });
  const session = {
    subscribe: ({ remotePort }: { remotePort: number }) => {
      asked.push(remotePort);
      if (held.has(remotePort))
        return Promise.reject(new ClientError("subscribe-refused", `port ${remotePort} is bob's`));
      return Promise.resolve({ remote: remotePort, local: "", subscription: 1, revision: 1 });
    },
  } as unknown as DeliveringSession; // The rest is not for this part.
  const over = new AbortController();
  subscriptions.use(session, { open: [], signal: over.signal });
  const opened = async (...programPorts: number[]): Promise<void> => {
    for (const port of programPorts)
      subscriptions.opened({ port, hostPort: port, isOnLoopback: false, isPortChosen: false });
    await turn();
  };
  const openedOnLoopback = async (port: number): Promise<void> => {
    subscriptions.opened({ port, hostPort: port, isOnLoopback: true, isPortChosen: true });
    await turn();
  };
  return {
    ...{ openedOnLoopback, left, questions, reachable },
    asked,
    held,
    told,
    ready,
    standing,
    subscriptions,
    session,
    opened,
    over,
  };
}

void t.test(
  "a port is the target's of the same number, unless it is mapped, and is asked for once",
  async (t) => {
    const { ready, asked, opened } = stage([
      [80, 8080],
      [81, 8080],
      [9000, 9001],
    ]);
    await opened(8080, 3000, 9000);
    await opened(8080, 3000);
    t.same(
      ready,
      ["80 → 8080", "81 → 8080", "3000 → 3000"],
      "9000 of the target is the program's 9001, not its 9000",
    );
    t.equal(asked.length, 3);
  },
);

void t.test(
  "one that somebody else holds is told, and asked for when the program listens again",
  async (t) => {
    const { held, told, ready, opened } = stage();
    held.add(80);
    await opened(80, 81);
    t.match(told, [
      { event: "notice", code: "port-refused", message: "port 80 is bob's; the program runs on without it." },
    ]);
    held.clear();
    await opened(80);
    t.same(ready, ["81 → 81", "80 → 80"]);
  },
);

void t.test(
  "one that was taken or given back stays so, and one that would lead to itself is left alone",
  async (t) => {
    const { standing, asked, told, opened } = stage();
    standing.over(80);
    await opened(80, 666);
    t.same(asked, []);
    t.match(told, [{ event: "notice", code: "same-namespace" }]);
  },
);

void t.test(
  "another session is asked for what is open then, and a session that is over for nothing",
  async (t) => {
    const { asked, told, subscriptions, session, opened, over, held } = stage();
    await opened(80);
    subscriptions.use(session, {
      open: [80, 81].map((port) => ({ port, hostPort: port, isOnLoopback: false, isPortChosen: false })),
      signal: over.signal,
    });
    await turn();
    t.same(asked, [80, 80, 81]);
    held.add(82);
    over.abort();
    await opened(82);
    t.same(told, []);
  },
);

void t.test(
  "a listener on loopback has requests where it is named, or where others reach that port",
  async (t) => {
    const { openedOnLoopback, left, reachable, questions, ready } = stage([[80, 3000]]);
    await openedOnLoopback(9229);
    t.same([left, ready], [[9229], []]);
    reachable.add(8000);
    await openedOnLoopback(8000);
    await openedOnLoopback(3000);
    t.same(ready, ["8000 → 8000", "80 → 3000"]);
    reachable.add(9229);
    await openedOnLoopback(9229);
    t.same(ready.at(-1), "9229 → 9229", "it is looked at anew each time that it opens");
    t.same(questions, [9229, 8000, 9229]);
  },
);

void t.test("a number that the kernel has chosen is left alone, unless others reach that port", async (t) => {
  const { opened, left, reachable, ready, subscriptions } = stage();
  reachable.add(50_000);
  await opened(40_000, 50_000, 32_767);
  t.same(left, [40_000]);
  t.same(ready.toSorted(), ["32767 → 32767", "50000 → 50000"]);
  subscriptions.opened({ port: 50_051, hostPort: 50_051, isOnLoopback: false, isPortChosen: true });
  await turn();
  t.equal(ready.at(-1), "50051 → 50051", "a program has asked for it");
});

void t.test("a port that is ignored is left to this machine, and so are all that nobody names", async (t) => {
  const ignoring = stage([[80, 3000]], { ignored: [9000] });
  await ignoring.opened(3000, 9000, 4000);
  t.same([ignoring.ready, ignoring.left], [["80 → 3000", "4000 → 4000"], [9000]]);
  const strict = stage([[80, 3000]], { others: false });
  await strict.opened(3000, 4000);
  t.same([strict.ready, strict.left, strict.questions], [["80 → 3000"], [4000], []]);
});
