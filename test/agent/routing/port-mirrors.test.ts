import t from "tap";
import { Mirror, PortRoutes, type Subscription } from "../../../src/agent/routing/index.ts";
import { requestOf, subscriptionOf } from "./subscription-of.ts";

function mirrorOf(filter: string, answers = false): Subscription {
  const mirror = new Mirror({
    terms: { sample: 1, maxPerSecond: null, answers },
    onCounted: () => undefined,
  });
  return { ...subscriptionOf(filter), mirror };
}

function routesOf(...subscriptions: Subscription[]): PortRoutes {
  return new PortRoutes({ port: 80, revision: 1, subscriptions });
}

void t.test("everybody whose filter matches gets a copy, and the app the request", async (t) => {
  const [all, a, b] = [mirrorOf("everything"), mirrorOf("path == '/a'"), mirrorOf("path ^= '/'")];
  const routes = routesOf(a, all, b);
  const request = requestOf("GET /a HTTP/1.1\r\n\r\n");
  t.equal(routes.decide(request), undefined);
  t.same(routes.mirrors?.of(request), [all, a, b]);
  t.same(routes.mirrors?.of(requestOf("GET /b HTTP/1.1\r\n\r\n")), [all, b]);
  t.same(routes.mirrors?.unfiltered, [all]);
});

void t.test("a mirror does not decide, and takes no bytes from anybody", async (t) => {
  const steal = subscriptionOf("path == '/a'");
  const routes = routesOf(mirrorOf("everything"), steal);
  t.equal(routes.unfiltered, undefined);
  t.equal(routes.decide(requestOf("GET /b HTTP/1.1\r\n\r\n")), undefined);
  t.equal(routes.decide(requestOf("GET /a HTTP/1.1\r\n\r\n")), steal);
  t.same(routes.subscriptions, [steal]);
});

void t.test("without a mirror there is nothing to ask", async (t) => {
  t.equal(routesOf(subscriptionOf("everything")).mirrors, undefined);
});

void t.test("answers are wanted where one mirror wants them", async (t) => {
  t.equal(routesOf(mirrorOf("everything")).mirrors?.wantAnswers, false);
  t.equal(routesOf(mirrorOf("everything"), mirrorOf("path == '/'", true)).mirrors?.wantAnswers, true);
});
