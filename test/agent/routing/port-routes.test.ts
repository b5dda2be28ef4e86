import t from "tap";
import { PortRoutes, type Subscription } from "../../../src/agent/routing/index.ts";
import { requestOf, subscriptionOf } from "./subscription-of.ts";

function routesOf(...subscriptions: Subscription[]): PortRoutes {
  return new PortRoutes({ port: 80, revision: 1, subscriptions });
}

void t.test("a request that nobody's filter matches is the app's", async (t) => {
  const routes = routesOf(subscriptionOf("header(x-user) == ann"));
  t.equal(routes.decide(requestOf("GET / HTTP/1.1\r\nX-User: bob\r\n\r\n")), undefined);
  t.equal(routesOf().decide(requestOf("GET / HTTP/1.1\r\n\r\n")), undefined);
});

void t.test("higher priority goes first, whatever the filters are", async (t) => {
  const specific = subscriptionOf("header(x-user) == ann && path == '/a'");
  const high = subscriptionOf("path ^= '/'", { priority: 1 });
  const low = subscriptionOf("header(x-user) == ann", { priority: -1 });
  const routes = routesOf(low, specific, high);
  t.equal(routes.decide(requestOf("GET /a HTTP/1.1\r\nX-User: ann\r\n\r\n")), high);
  t.same(
    routes.subscriptions.map(({ priority }) => priority),
    [1, 0, -1],
  );
});

void t.test("of one priority the more specific filter goes first, then the older", async (t) => {
  const broad = subscriptionOf("path ^= '/'");
  const narrow = subscriptionOf("path == '/a' && header(x-user) == ann");
  const older = subscriptionOf("header(x-one) == 1");
  const newer = subscriptionOf("header(x-two) == 1");
  t.equal(routesOf(broad, narrow).decide(requestOf("GET /a HTTP/1.1\r\nX-User: ann\r\n\r\n")), narrow);
  const both = requestOf("GET /a HTTP/1.1\r\nX-One: 1\r\nX-Two: 1\r\n\r\n");
  t.equal(routesOf(older, newer).decide(both), older);
  t.equal(routesOf(newer, older).decide(both), newer);
});

void t.test("without a filter is the least specific, and takes what no filter before it does", async (t) => {
  const everything = subscriptionOf("everything");
  const mine = subscriptionOf("header(x-user) == ann");
  const routes = routesOf(everything, mine);
  t.equal(routes.unfiltered, everything);
  t.equal(routes.decide(requestOf("GET / HTTP/1.1\r\nX-User: ann\r\n\r\n")), mine);
  t.equal(routes.decide(requestOf("GET / HTTP/1.1\r\n\r\n")), everything);
});

void t.test("without a filter at a higher priority hides every filter behind it", async (t) => {
  const everything = subscriptionOf("everything", { priority: 5 });
  const mine = subscriptionOf("header(x-user) == ann");
  t.equal(routesOf(mine, everything).decide(requestOf("GET / HTTP/1.1\r\nX-User: ann\r\n\r\n")), everything);
});
