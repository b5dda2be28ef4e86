import t from "tap";
import { parseFilter } from "../../../src/filters/index.ts";
import { type Json, triedFilter, type TryFilterQuestion } from "../../../src/protocol/index.ts";
import { subscriptionOf } from "../routing/subscription-of.ts";
import { decided, routesOf } from "../trace/traced.ts";
import { AskedAgent, proof } from "./asked.ts";

const nobody = routesOf([["ann", "header(x-none) == 1"]]);
// What `parseFilter` gives is JSON.
const wire = (filter: string): Json => JSON.parse(JSON.stringify(parseFilter(filter))) as Json;

function request(agent: AskedAgent, method: string, target: string, ...lines: readonly string[]): void {
  const head = [`${method} ${target} HTTP/1.1`, "Host: h", ...lines].join("\r\n");
  decided(agent.trace, nobody, `${head}\r\n\r\n`).recording.finish(200);
}

async function tried(agent: AskedAgent, filter: string, about: Partial<TryFilterQuestion> = {}) {
  const asking = { kind: "try-filter", as: null, port: null, priority: 0, last: 100, ...about } as const;
  const asker = await agent.ask({ filter: wire(filter), ...asking }).over();
  return triedFilter(asker.bodies.at(-1) ?? null);
}

void t.test("what it would have matched is counted, the latest shown", async (t) => {
  const agent = new AskedAgent();
  for (let count = 0; count < 30; count++) request(agent, count % 2 === 0 ? "GET" : "PUT", `/${count}`);
  const result = await tried(agent, "method == GET");
  t.match(result, { considered: 30, matched: 15, unread: 0, isCut: false, nearMissCount: 0 });
  t.equal(result.examples.length, 10);
  t.match(result.examples[0], { target: "/28", method: "GET", session: null });
  t.match(await tried(agent, "method == GET", { last: 4 }), { considered: 4, matched: 2 });
  t.match(await tried(agent, "method == GET", { port: 81 }), { considered: 0 });
});

void t.test("a near miss is a request for which all clauses but one held; it is said how", async (t) => {
  const agent = new AskedAgent();
  agent.join("ann", { method: "GET" });
  request(agent, "GET", "/a", "X-User: bob-1");
  request(agent, "PUT", "/a", "X-User: carl");
  request(agent, "PUT", "/a", "X-User: ann");
  const filter = "method == GET and header(x-user) == ann";
  const own = await tried(agent, filter, { as: proof("ann") });
  t.equal(own.nearMissCount, 2, "where two clauses failed it was not near");
  t.match(own.nearMisses, [
    { clause: "method == GET", because: "the method was `PUT`, wanted `GET`" },
    { target: "/a", clause: 'header(x-user) == "ann"', because: "`x-user` was `bob-1`, wanted `ann`" },
  ]);
  const anybody = await tried(agent, filter);
  t.match(anybody.nearMisses[1]?.because, /was something else/);
  t.notMatch(JSON.stringify(anybody), /bob-1/, "whoever has not shown who he is sees no values");
});

void t.test("overlaps name whose filter it meets, and who would be asked first", async (t) => {
  const agent = new AskedAgent();
  agent.join("ann", { method: "GET" });
  for (const [filter, holder, priority] of [
    ["method == GET", "ann", 0],
    ['path == "/a"', "bob", 0],
    ["method in (GET, PUT)", "carl", 7],
    ["method == DELETE", "dora", 0],
    ["everything", "eve", 0],
  ] as const)
    agent.routes.add(subscriptionOf(filter, { holder, priority }));
  request(agent, "GET", "/a");
  request(agent, "GET", "/b");
  const { overlaps } = await tried(agent, "method == GET and header(host)", { as: proof("ann") });
  t.same(
    overlaps.map(({ name, both, isDraftFirst }) => [name, both, isDraftFirst]),
    [
      ["carl", 2, false],
      ["bob", 1, false],
      ["eve", 2, true],
    ],
    "the session's own filter would be replaced",
  );
  const first = await tried(agent, "method == GET and header(host)", { priority: 8 });
  t.same(first.overlaps.filter(({ isDraftFirst }) => isDraftFirst).length, 4);
});

void t.test("what would be refused is said, as at the time of subscribing", async (t) => {
  const agent = new AskedAgent();
  agent.routes.add(subscriptionOf("method == GET", { holder: "bob" }));
  agent.routes.add(subscriptionOf("everything", { holder: "carl" }));
  t.match(await tried(agent, "method == GET"), {
    refusals: [{ port: 80, code: "same-filter", message: /bob/ }],
  });
  t.same((await tried(agent, "method == PUT")).refusals, []);
  const asking = { kind: "try-filter", as: null, port: null, priority: 0, last: 1 } as const;
  const asker = await agent.ask({ filter: null, ...asking }).over();
  t.match(triedFilter(asker.bodies[0] ?? null).refusals, [{ code: "port-held", message: /carl/ }]);
  t.equal((await agent.ask({ filter: { header: "(" }, ...asking }).over()).refused, "bad-filter");
});

void t.test("heads that were too large to be kept are counted apart", async (t) => {
  const agent = new AskedAgent();
  request(agent, "GET", "/a", `X-Large: ${"x".repeat(20_000)}`);
  request(agent, "GET", "/a");
  t.match(await tried(agent, "method == GET"), { considered: 1, matched: 1, unread: 1 });
});
