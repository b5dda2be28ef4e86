import t from "tap";
import { sessionLines } from "../../../../src/client/cli/actions/session-lines.ts";
import type { ListedSession, ListedSubscription } from "../../../../src/protocol/index.ts";

const now = new Date(2026, 1, 3, 12, 0, 0).getTime();

function held(more: Partial<ListedSubscription> = {}): ListedSubscription {
  const bounds = { copies: null, until: null, requestsLeft: null };
  const usual = {
    id: 1,
    port: 80,
    mode: "steal",
    filter: null,
    priority: 0,
    revision: 1,
    requests: 0,
  } as const;
  return { ...usual, ...bounds, since: now - 90_000, ...more };
}

function lines(sessions: readonly ListedSession[], mine: readonly string[] = []): string[] {
  return sessionLines(sessions, { mine: new Set(mine), paint: (_style, text) => text, now });
}

void t.test("a filter of another version is not shown, and nothing fails", async (t) => {
  const ann = {
    id: "a\u001b[2J",
    name: "ann",
    since: now,
    awaySince: null,
    subscriptions: [held({ filter: { moon: "full" } })],
  };
  const [, line = ""] = lines([ann]);
  t.match(line, /of a form that this version does not know$/);
  t.notMatch(line, "\u001b");
});

void t.test("a row for each subscription, with what only some have where some have it", async (t) => {
  const ann = {
    id: "aaaa0001",
    name: "ann",
    since: now,
    awaySince: null,
    subscriptions: [held(), held({ port: 81, revision: 12 })],
  };
  t.same(lines([ann]), [
    "SESSION   WHO  PORT  MODE   REQUESTS  SINCE            REVISION  FILTER",
    "aaaa0001  ann  80    steal  0         11:58:30 (90 s)  1         everything",
    "               81    steal  0         11:58:30 (90 s)  12        everything",
  ]);
  const bounded = held({ until: now + 3_600_000, requestsLeft: 3, priority: -1, filter: { path: "^/a" } });
  const copies = { sent: 4, dropped: 2, failed: 1, skipped: 0, answersDropped: 0, bytes: 0 };
  const mirror = held({ mode: "mirror", copies, requests: 7 });
  const bob = {
    id: "bbbb0002",
    name: "b\u001b[2J",
    since: now,
    awaySince: null,
    subscriptions: [bounded, mirror],
  };
  t.same(lines([ann, bob], ["bbbb0002"]).slice(3), [
    'bbbb0002 *  b�[2J  80    steal   -1        0                       11:58:30 (90 s)  after 3 more or in 60 min  1         path("^/a")',
    "                   80    mirror            7, 2 dropped, 1 failed  11:58:30 (90 s)                             1         everything",
    "* yours",
  ]);
});

void t.test("a session that holds nothing is shown too, and one that is away as such", async (t) => {
  const idle = { id: "aaaa0001", name: "ann", since: now - 2_000, awaySince: null, subscriptions: [] };
  t.match(lines([idle]), [/^SESSION /, /^aaaa0001 {2}ann {2}none {2}11:59:58 \(2 s\)$/]);
  t.match(lines([{ ...idle, awaySince: now - 5_000 }]), [
    /^SESSION /,
    /^aaaa0001 {2}ann \(away for 5 s\) {2}none /,
  ]);
});

void t.test("where there are several members each row says whose it is", async (t) => {
  const ann = {
    id: "aaaa0001",
    name: "ann",
    since: now,
    awaySince: null,
    subscriptions: [held(), held({ id: 2, port: 81 })],
  };
  const sessions = [
    { ...ann, member: "web-a" },
    { ...ann, id: "aaaa0002", member: "web-b" },
  ];
  const [head, first, second, third] = sessionLines(sessions, {
    ...{ mine: new Set<string>(), paint: (_style: unknown, text: string) => text, now },
    noun: "pod",
  });
  t.match(head, /^POD +SESSION/);
  t.match(first, /^web-a +aaaa0001/);
  t.match(second, /^ +81 /);
  t.match(third, /^web-b +aaaa0002/);
});
