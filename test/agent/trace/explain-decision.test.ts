import t from "tap";
import { PortRoutes, type Subscription } from "../../../src/agent/routing/index.ts";
import { anybody, Trace } from "../../../src/agent/trace/index.ts";
import { compileFilter } from "../../../src/filters/index.ts";
import { parseRequestHead } from "../../../src/http/index.ts";
import { encodeMessage, MAX_MESSAGE_BYTES } from "../../../src/protocol/index.ts";
import { randomFilter, randomHead } from "../../filters/random-filter.ts";
import { Random } from "../../filters/random.ts";
import { subscriptionOf } from "../routing/subscription-of.ts";
import { decided, routesOf } from "./traced.ts";

void t.test("what is explained later is what was decided, for random filters and heads", async (t) => {
  const random = new Random(20261129);
  const trace = new Trace();
  let stolen = 0;
  for (let round = 0; round < 300; round++) {
    const subscriptions = Array.from({ length: random.below(5) }, (): Subscription => {
      const tree = randomFilter(random);
      return {
        ...subscriptionOf("everything", { priority: random.below(3) }),
        filter: random.chance(5) ? undefined : { tree, compiled: compileFilter(tree) },
      };
    });
    const routes = new PortRoutes({ port: 80, revision: round, subscriptions });
    for (let request = 0; request < 10; request++) {
      const head = randomHead(random);
      const isHttp2 = random.chance(30);
      const text = head.fields.pairs().map(([name, value]) => `${name}: ${value}\r\n`);
      const bytes = Buffer.from(`${head.method} ${head.target} HTTP/1.1\r\n${text.join("")}\r\n`, "latin1");
      const parsed = isHttp2 ? { ...head, version: "2" as const } : parseRequestHead(bytes);
      if ("ambiguity" in parsed) continue;
      const { recording, chosen } = decided(trace, routes, parsed, isHttp2 ? 500 : 0);
      if (chosen !== undefined) stolen++;
      recording.finish(200);
      const { explanation, verdict } = trace.recordOf(recording, anybody);
      const asked = explanation ?? [];
      const order = routes.subscriptions.slice(0, asked.length);
      t.equal(verdict, chosen === undefined ? "original" : "stolen");
      t.equal(asked.at(-1)?.matches ?? false, chosen !== undefined);
      t.notOk(asked.slice(0, -1).some(({ matches }) => matches));
      t.equal(asked.at(-1)?.matches === true ? order.at(-1) : undefined, chosen);
      for (const { matches, clauses } of asked) t.equal(clauses?.result ?? matches, matches);
    }
  }
  t.ok(stolen > 300, `${stolen} were stolen`);
});

void t.test("an explanation fits into a message, whatever the filters are", async (t) => {
  const clause = (index: number) => `header("x-${index}-${"a".repeat(250)}")`;
  const many = Array.from({ length: 20 }, (_, index) => clause(index)).join(" || ");
  const trace = new Trace();
  const routes = routesOf([
    ...Array.from({ length: 20 }, (_, index) => [`u${index}`, `${many} || ${clause(index + 100)}`] as const),
    ["ann", "true"],
  ]);
  const { recording } = decided(trace, routes, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const record = trace.recordOf(recording, anybody);
  t.ok(encodeMessage(record).length < MAX_MESSAGE_BYTES / 2);
  t.equal((record.explanation?.length ?? 0) + record.unexplained, 21);
  t.match(record, {
    verdict: "stolen",
    session: "s-ann",
    reason: "everything passes (session s-ann, ann, revision 3)",
  });
});

void t.test("a sentence says whose filter it was, since which revision, and what it wants", async (t) => {
  const trace = new Trace();
  const { byAge: older } = routesOf([["ann", "header(x-tenant) == blue"]], 3);
  const { byAge: younger } = routesOf([["bob", "!(method == GET)"]], 4);
  const routes = new PortRoutes({ port: 80, revision: 8, subscriptions: [...older, ...younger] });
  const { recording } = decided(trace, routes, "GET / HTTP/1.1\r\nHost: a\r\nX-Tenant: green\r\n\r\n");
  const reader = { ...anybody, session: "s-ann", names: new Set(["x-tenant"]) };
  const { reason, explanation } = trace.recordOf(recording, reader);
  t.equal(
    reason,
    "`x-tenant` was `green`, the filter of session s-ann (ann, revision 3) wants `blue`; " +
      "the method was `GET` (session s-bob, bob, revision 4)",
  );
  t.match(explanation?.[0], { revision: 3, because: "`x-tenant` was `green`, wanted `blue`" });
});
