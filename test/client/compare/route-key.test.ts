import t from "tap";
import { routeKey } from "../../../src/client/compare/route-key.ts";

const rows: [target: string, route: string][] = [
  ["/", "/"],
  ["/users", "/users"],
  ["/users/42", "/users/{number}"],
  ["/users/42/orders/7?x=1#y", "/users/{number}/orders/{number}"],
  ["/o/123e4567-e89b-12d3-a456-426614174000", "/o/{uuid}"],
  ["/c/9f86d081884c7d659a2feaa0", "/c/{hex}"],
  ["/facade/deadbeef", "/facade/deadbeef"],
  ["/v2/x", "/v2/x"],
  ["http://shop.test:80/users/1", "/users/{number}"],
  ["http://shop.test", "/"],
  ["*", "*"],
  ["/a\u001b[31m", "/a·[31m"],
];

for (const [target, route] of rows) {
  void t.test(`${JSON.stringify(target)} is of ${route}`, async (t) => {
    t.equal(routeKey({ method: "GET", target }), `GET ${route}`);
  });
}

void t.test("a route's name is bounded", async (t) => {
  t.ok(routeKey({ method: "GET", target: "/abc".repeat(10_000) }).length < 200);
  t.ok(routeKey({ method: "GET", target: `/${"x".repeat(100_000)}` }).length < 200);
});
