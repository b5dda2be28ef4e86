import t from "tap";
import { type DecisionsQuestion, MAX_MESSAGE_BYTES, toldDecisions } from "../../../src/protocol/index.ts";
import { decided, routesOf } from "../trace/traced.ts";
import { AskedAgent, proof, type TestAsker } from "./asked.ts";

const routes = routesOf([["ann", "header(x-user) == ann"]]);
const everything: DecisionsQuestion = {
  ...{ kind: "decisions", as: null, requestId: null, last: 10, path: null, port: null },
  ...{ follow: false, wholeHead: false, showSecrets: false },
};
const told = ({ bodies }: TestAsker) => bodies.flatMap((body) => toldDecisions(body).decisions);
const untold = ({ bodies }: TestAsker) =>
  bodies.reduce<number>((sum, body) => sum + toldDecisions(body).untold, 0);

function request(agent: AskedAgent, target: string, ...lines: readonly string[]): void {
  const head = [`GET ${target} HTTP/1.1`, "Host: h", ...lines].join("\r\n");
  decided(agent.trace, routes, `${head}\r\n\r\n`).recording.finish(200);
}

void t.test("the latest are told from the oldest on, and how far memory reaches back", async (t) => {
  const agent = new AskedAgent();
  for (let count = 1; count <= 20; count++) request(agent, `/${count}`);
  const asker = await agent.ask({ ...everything, last: 3 }).over();
  t.same(
    told(asker).map(({ target }) => target),
    ["/18", "/19", "/20"],
  );
  t.match(toldDecisions(asker.bodies.at(-1) ?? null).memory, { kept: 20, dropped: 0, since: Number });
});

void t.test("by number, by port, and by a pattern for the path as everybody may see it", async (t) => {
  const agent = new AskedAgent();
  for (const target of ["/a?token=s3cret", "/b", "/a/2"]) request(agent, target);
  const targets = async (about: Partial<DecisionsQuestion>) =>
    told(await agent.ask({ ...everything, ...about }).over()).map(({ target }) => target);
  t.same(await targets({ path: "^/a" }), ["/a?token=(masked)", "/a/2"]);
  t.same(await targets({ path: "s3cret" }), [], "a pattern finds out no secret");
  t.same(await targets({ requestId: "2" }), ["/b"]);
  for (const requestId of ["", "-1", "99", "zzzzzzzzzzzz", "2.5"]) t.same(await targets({ requestId }), []);
  t.same(await targets({ port: 81 }), []);
  t.equal((await agent.ask({ ...everything, path: "(" }).over()).refused, "bad-pattern");
});

void t.test("who asks decides what is told; a wrong key is refused", async (t) => {
  const agent = new AskedAgent();
  agent.join("ann", { header: { name: "x-user", equals: "ann" } });
  agent.join("eve", { header: { name: "x-late", present: true } });
  request(agent, "/", "X-User: bob-1", "X-Late: late-1");
  const seen = async (about: Partial<DecisionsQuestion>) =>
    JSON.stringify((await agent.ask({ ...everything, ...about }).over()).bodies);
  t.notMatch(await seen({}), /bob-1|late-1/);
  t.match(await seen({ as: proof("ann") }), /bob-1/);
  t.notMatch(await seen({ as: proof("eve"), wholeHead: true }), /bob-1|late-1/);
  t.equal(
    (await agent.ask({ ...everything, as: { session: "s-ann", key: "eve" } }).over()).refused,
    "not-yours",
  );
  t.equal((await agent.ask({ ...everything, as: proof("nobody") }).over()).refused, "no-session");
});

void t.test("with follow each that ends later is told, until nobody waits any more", async (t) => {
  const agent = new AskedAgent();
  request(agent, "/before");
  const asker = agent.ask({ ...everything, follow: true, path: "^/(before|later)" });
  await asker.until((asker) => told(asker).length === 1);
  request(agent, "/other");
  request(agent, "/later");
  await asker.until((asker) => told(asker).length === 2);
  t.match(told(asker), [{ target: "/before" }, { target: "/later", durationMs: Number }]);
  asker.withdraw();
  t.equal(agent.trace.isHeard(80), false);
  request(agent, "/later");
  t.equal(told(asker).length, 2);
  t.equal(asker.isFinished, false);
});

void t.test("what a full tunnel cannot take is left out and counted", async (t) => {
  const agent = new AskedAgent();
  const asker = agent.ask({ ...everything, last: 1, follow: true });
  asker.takesMore = false;
  request(agent, "/1");
  await asker.until((asker) => told(asker).length >= 1);
  for (let count = 0; count < 50; count++) request(agent, "/lost");
  asker.takesMore = true;
  await asker.until((asker) => {
    if (untold(asker) === 0) setTimeout(() => request(agent, "/again"), 50);
    return untold(asker) > 0;
  });
  t.ok(untold(asker) >= 50, `${untold(asker)} were not told`);
  asker.withdraw();
});

void t.test("many are told in answers that each fit into a message", async (t) => {
  const agent = new AskedAgent();
  for (let count = 0; count < 500; count++)
    request(agent, `/${"x".repeat(1_500)}`, `X-User: ${"y".repeat(500)}`);
  const asker = await agent.ask({ ...everything, last: 1_000 }).over();
  t.equal(told(asker).length, 500);
  t.ok(asker.bodies.length > 5);
  for (const body of asker.bodies) t.ok(JSON.stringify(body).length < MAX_MESSAGE_BYTES);
});

void t.test("drafts are asked about each request for who shows a session, and for nobody else", async (t) => {
  const agent = new AskedAgent();
  agent.join("ann", { header: { name: "x-user", equals: "ann" } });
  request(agent, "/api/1", "x-team: blue");
  request(agent, "/api/2", "x-team: green-1");
  request(agent, "/home", "x-team: green-1");
  const draft = { all: [{ header: { name: "x-team", equals: "blue" } }, { path: "^/api" }] };
  const asked = async (about: Partial<DecisionsQuestion>) =>
    told(await agent.ask({ ...everything, drafts: [draft, null], ...about }).over()).map(
      ({ drafts }) => drafts,
    );
  const [first, second, third] = await asked({ as: proof("ann") });
  const all = { matches: true, clause: null, because: "" };
  t.same(first, [all, all]);
  t.match(second, [{ matches: false, clause: 'header(x-team) == "blue"', because: /green-1/ }, all]);
  t.match(
    third,
    [{ matches: false, clause: null, because: /green-1/ }, all],
    "more than one clause is missing",
  );
  t.same(await asked({}), [undefined, undefined, undefined], "anybody could find out values of fields");
  const bad = await agent.ask({ ...everything, as: proof("ann"), drafts: [{ nonsense: 1 }] }).over();
  t.equal(bad.refused, "bad-filter");
});
