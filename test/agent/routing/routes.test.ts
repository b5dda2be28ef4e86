import t from "tap";
import { Routes } from "../../../src/agent/routing/index.ts";
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
