import t from "tap";
import { servedBy, withServedBy } from "../../../src/agent/inbound/served-by.ts";
import { subscriptionOf } from "../routing/subscription-of.ts";

void t.test("callers are told who served them only where the session wants it", async (t) => {
  t.equal(servedBy(subscriptionOf("true")), undefined);
  t.equal(servedBy({ ...subscriptionOf("true"), tellsCallers: false }), undefined);
  t.equal(servedBy({ ...subscriptionOf("true"), tellsCallers: true }), "s-ann (ann)");
});

void t.test("a name cannot break the field it is told in", async (t) => {
  const subscription = subscriptionOf("true", { holder: "J\u00f6rg\r\nSet-Cookie: a=(b)\\" });
  const told = servedBy({
    ...subscription,
    holder: { ...subscription.holder, id: "7f3a" },
    tellsCallers: true,
  });
  t.equal(told, "7f3a (J?rg??Set-Cookie: a=?b??)");
});

void t.test("the field stands at the head's end, once", async (t) => {
  const head = "HTTP/1.1 200 OK\r\nA: 1\r\n\r\n";
  t.equal(
    withServedBy(Buffer.from(head), "7f3a (ann)").toString(),
    "HTTP/1.1 200 OK\r\nA: 1\r\nmagpie-served-by: 7f3a (ann)\r\n\r\n",
  );
});
