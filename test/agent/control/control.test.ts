import t from "tap";
import { Routes } from "../../../src/agent/routing/index.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import { type AskableSession, type Asker, Control, NotHeld } from "../../../src/agent/control/index.ts";
import { RouteConflict } from "../../../src/agent/routing/index.ts";
import { FilterError } from "../../../src/filters/index.ts";
import type { Question } from "../../../src/protocol/index.ts";
import { subscriptionOf } from "../routing/subscription-of.ts";

/** A session that notes what is asked of it. */
function sessionOf(id: string, about: { isObserver?: boolean; fails?: Error } = {}) {
  const asked: object[] = [];
  const note = <Answer>(what: object, answer: Answer): Answer => {
    if (about.fails !== undefined) throw about.fails;
    asked.push(what);
    return answer;
  };
  const session: AskableSession = {
    id,
    name: `${id}'s`,
    isObserver: about.isObserver ?? false,
    holdsKey: (key) => key === `key of ${id}`,
    names: new Set(),
    listed: () => ({ id, name: `${id}'s`, since: 0, awaySince: null, subscriptions: [] }),
    release: async (what) => note(what, { ports: [80], left: 1 }),
    setFilter: (what) => note(what, { ports: [80], revision: 7 }),
  };
  return { session, asked };
}

const routes = new Routes({ onPortsChanged: () => undefined });

/** Asks through the session "asker" and gives the answer, or the code of the refusal. */
async function ask(sessions: readonly AskableSession[], question: Question): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const asker: Asker = {
    session: "asker",
    signal: new AbortController().signal,
    tell: () => true,
    finish: resolve,
    refuse: (code, message) => resolve(`${code}: ${message}`),
  };
  void new Control({
    sessions: () => sessions,
    trace: new Trace(),
    routes,
    metrics: { families: () => [] },
  }).answer(question, asker);
  return await promise;
}

const observer = sessionOf("asker", { isObserver: true }).session;

function questions(as: { session: string; key: string }): Question[] {
  return [
    { kind: "release", as, ports: [80] },
    { kind: "set-filter", as, port: 80, filter: null },
  ];
}

void t.test("whoever shows a session's key speaks for it", async (t) => {
  const { session, asked } = sessionOf("ann");
  const [release, setFilter] = questions({ session: "ann", key: "key of ann" });
  t.same(release && (await ask([observer, session], release)), { ports: [80], left: 1 });
  t.same(setFilter && (await ask([observer, session], setFilter)), { ports: [80], revision: 7 });
  t.same(asked, [
    { ports: [80], by: "asker's" },
    { port: 80, filter: null, by: "asker's" },
  ]);
});

void t.test("nobody else does, and nothing happens", async (t) => {
  const ann = sessionOf("ann");
  const bob = sessionOf("bob");
  for (const question of questions({ session: "ann", key: "key of bob" }))
    t.match(
      await ask([observer, ann.session, bob.session], question),
      /^not-yours: session ann is ann's's; only its/,
    );
  for (const question of questions({ session: "gone", key: "key of gone" }))
    t.equal(await ask([observer, ann.session], question), "no-session: the session is over");
  for (const question of questions({ session: "asker", key: "key of asker" }))
    t.equal(await ask([observer], question), "no-session: the session is over");
  t.same([ann.asked, bob.asked], [[], []]);
});

void t.test("what cannot be done is refused with its code", async (t) => {
  const first = subscriptionOf("everything");
  const failures = [
    [new NotHeld("the session does not hold port 80"), "not-held"],
    [new FilterError("bad-value", "no filter"), "bad-filter"],
    [new RouteConflict("port-held", { first, message: "bob has it" }), "port-held"],
  ] as const;
  for (const [fails, code] of failures) {
    const { session } = sessionOf("ann", { fails });
    const [release, setFilter] = questions({ session: "ann", key: "key of ann" });
    if (setFilter) t.match(await ask([session], setFilter), new RegExp(`^${code}: `));
    if (release && fails instanceof NotHeld) t.match(await ask([session], release), /^not-held: /);
  }
});
