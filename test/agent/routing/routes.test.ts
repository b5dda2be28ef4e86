import t from "tap";
import { Mirror, Routes } from "../../../src/agent/routing/index.ts";
import { requestOf, subscriptionOf } from "./subscription-of.ts";

function newRoutes(): { routes: Routes; changes: number[][] } {
  const changes: number[][] = [];
  const routes: Routes = new Routes({ onPortsChanged: () => changes.push(routes.ports()) });
  return { routes, changes };
}

void t.test("ports are told of when they gain their first subscription or lose their last", async (t) => {
  const { routes, changes } = newRoutes();
  const one = subscriptionOf("path == '/1'");
  const two = subscriptionOf("path == '/2'");
  const elsewhere = subscriptionOf("everything", { port: 81 });
  for (const subscription of [one, two, elsewhere]) routes.add(subscription);
  routes.remove(one);
  routes.remove(one);
  routes.remove(two);
  t.same(changes, [[80], [80, 81], [81]]);
  t.equal(routes.of(80), undefined);
});

void t.test(
  "every change has a higher revision, and a decision's routes never change under it",
  async (t) => {
    const { routes } = newRoutes();
    const first = routes.add(subscriptionOf("path == '/1'"));
    const before = routes.of(80);
    const second = routes.add(subscriptionOf("path == '/2'"));
    t.ok(second > first);
    t.equal(before?.revision, first);
    t.equal(before?.subscriptions.length, 1);
    t.equal(before?.decide(requestOf("GET /2 HTTP/1.1\r\n\r\n")), undefined);
    t.equal(routes.of(80)?.revision, second);
  },
);

void t.test("two steals of one port without a filter are refused, naming the holder", async (t) => {
  const { routes } = newRoutes();
  routes.add(subscriptionOf("everything", { holder: "bob" }));
  t.throws(() => routes.add(subscriptionOf("everything")), {
    name: "RouteConflict",
    code: "port-held",
    message: /session s-bob \(bob\)/,
  });
  routes.add(subscriptionOf("everything", { port: 81 }));
});

void t.test("the same filter on the same port is refused, however it is written", async (t) => {
  const { routes } = newRoutes();
  routes.add(subscriptionOf("header(x-user) == ann && path == '/a'", { holder: "bob" }));
  t.throws(() => routes.add(subscriptionOf("path == '/a' && header(X-User) == ann")), {
    code: "same-filter",
    message: /bob/,
  });
  t.equal(routes.of(80)?.subscriptions.length, 1, "nothing has changed");
  routes.add(subscriptionOf("header(x-user) == ann && path == '/b'"));
});

void t.test("a filter and a steal without one stand beside each other", async (t) => {
  const { routes } = newRoutes();
  routes.add(subscriptionOf("everything"));
  t.doesNotThrow(() => routes.add(subscriptionOf("path == '/a'")));
});

void t.test("a replacement takes place and age of the other in one revision", async (t) => {
  const { routes, changes } = newRoutes();
  const older = subscriptionOf("header(x-one) == 1");
  const newer = subscriptionOf("header(x-two) == 1");
  for (const subscription of [older, newer]) routes.add(subscription);
  const before = routes.of(80);
  const after = subscriptionOf("header(x-three) == 1");
  const revision = routes.replace([{ before: older, after }]);
  t.equal(revision, (before?.revision ?? 0) + 1);
  const now = routes.of(80);
  t.equal(now?.revision, revision);
  t.same(
    now?.byAge.map(({ id }) => id),
    [after.id, newer.id],
  );
  const all = requestOf("GET / HTTP/1.1\r\nX-One: 1\r\nX-Two: 1\r\nX-Three: 1\r\n\r\n");
  t.equal(now?.decide(all), after, "it is as old as what it replaced");
  t.equal(before?.decide(all), older, "who decides with the former revision has the former answer");
  t.same(changes, [[80]], "the port was held all the time");
});

void t.test("a subscription that became broader and narrower again is asked in its old order", async (t) => {
  const { routes } = newRoutes();
  const older = subscriptionOf("header(x-one) == 1");
  const newer = subscriptionOf("header(x-two) == 1");
  for (const subscription of [older, newer]) routes.add(subscription);
  const broad = subscriptionOf("path ^= '/'");
  routes.replace([{ before: older, after: broad }]);
  routes.replace([{ before: broad, after: older }]);
  t.equal(routes.of(80)?.decide(requestOf("GET / HTTP/1.1\r\nX-One: 1\r\nX-Two: 1\r\n\r\n")), older);
});

void t.test("several are replaced together or not at all", async (t) => {
  const { routes } = newRoutes();
  const here = subscriptionOf("path == '/a'");
  const there = subscriptionOf("path == '/a'", { port: 81 });
  for (const one of [here, there, subscriptionOf("everything", { port: 81, holder: "bob" })]) routes.add(one);
  const { revision } = routes.of(80) ?? {};
  const all = [
    { before: here, after: subscriptionOf("everything") },
    { before: there, after: subscriptionOf("everything", { port: 81 }) },
  ];
  t.throws(() => routes.replace(all), { code: "port-held", message: /bob/ });
  t.equal(routes.of(80)?.revision, revision);
  t.equal(routes.of(80)?.unfiltered, undefined);
  const done = routes.replace(all.slice(0, 1));
  t.equal(routes.of(80)?.revision, done);
  t.equal(routes.of(80)?.unfiltered, all[0]?.after);
});

void t.test("mirrors stand beside everybody, whatever their filters are", async (t) => {
  const { routes } = newRoutes();
  const terms = { sample: 1, maxPerSecond: null, answers: false };
  const mirrorOf = (filter: string) => ({
    ...subscriptionOf(filter),
    mirror: new Mirror({ terms, onCounted: () => undefined }),
  });
  routes.add(subscriptionOf("everything"));
  const mirrors = ["everything", "everything", "path == '/a'", "path == '/a'"].map(mirrorOf);
  for (const mirror of mirrors) t.doesNotThrow(() => routes.add(mirror));
  routes.add(subscriptionOf("path == '/a'"));
  t.same(routes.of(80)?.mirrors?.all, mirrors);
  for (const mirror of mirrors) routes.remove(mirror);
  t.equal(routes.of(80)?.mirrors, undefined);
});
