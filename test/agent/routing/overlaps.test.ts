import t from "tap";
import { Routes, tellOverlaps } from "../../../src/agent/routing/index.ts";
import { subscriptionOf } from "./subscription-of.ts";

/** Adds subscriptions, given from the oldest on, and gives who is told what when the last one is there. */
function told(...wanted: [filter: string, holder: string, priority?: number][]): string[] {
  const routes = new Routes({ onPortsChanged: () => undefined });
  const said: string[] = [];
  const all = wanted.map(([filter, holder, priority = 0]) =>
    subscriptionOf(filter, {
      holder,
      priority,
      onTell: (message) => said.push(`${holder}: ${message.replace(/^port 80: /, "")}`),
    }),
  );
  for (const subscription of all) routes.add(subscription);
  const [last, on] = [all.at(-1), routes.of(80)];
  if (last !== undefined && on !== undefined) tellOverlaps(on, last);
  return said;
}

void t.test("both are told who has the requests that both filters match, and by which rule", async (t) => {
  t.same(told(["header(a) == 1", "ann"], ['path ^= "/x"', "bob"]), [
    'bob: ann (session s-ann) wants header(a) == "1"; requests that both may have go to ann, since theirs is more specific',
    'ann: bob (session s-bob) wants path ^= "/x"; requests that both may have go to you, since yours is more specific',
  ]);
  t.match(told(["header(a) == 1", "ann"], ["header(b) == 1", "bob"]), [
    /^bob: .* go to ann, since theirs is older$/,
    /^ann: .* go to you, since yours is older$/,
  ]);
  t.match(told(["header(a) == 1", "ann"], ["everything", "bob", 1]), [
    /^bob: .* go to you, since yours has the higher priority$/,
    /^ann: bob .* wants everything; .* go to bob, since theirs has the higher priority$/,
  ]);
});

void t.test("filters that cannot meet, and those of one session, are not spoken of", async (t) => {
  t.same(told(["header(a) == 1", "ann"], ["header(a) == 2", "bob"]), []);
  t.same(told(["header(a) == 1", "ann"], ["header(b) == 2", "ann"]), []);
});

void t.test("who changes its filter all the time is not heard by the others every time", async (t) => {
  const routes = new Routes({ onPortsChanged: () => undefined });
  const said = { ann: 0, bob: 0 };
  const ann = subscriptionOf("header(a)", { holder: "ann", onTell: () => said.ann++ });
  const bob = subscriptionOf("header(b)", { holder: "bob", onTell: () => said.bob++ });
  for (const subscription of [ann, bob]) routes.add(subscription);
  const on = routes.of(80);
  if (on === undefined) throw new Error("nobody is there");
  for (let change = 0; change < 100; change++) tellOverlaps(on, bob);
  t.equal(said.bob, 100, "what it has asked for itself");
  t.ok(said.ann >= 20 && said.ann < 30, `${said.ann} times`);
});

void t.test("of many others three are named", async (t) => {
  const others = Array.from({ length: 6 }, (_, index) => [`header(a${index})`, `ann${index}`] as const);
  const said = told(...others.map(([filter, holder]): [string, string] => [filter, holder]), [
    "host == a.example",
    "bob",
  ]);
  const toBob = said.filter((line) => line.startsWith("bob: "));
  t.equal(toBob.length, 4);
  t.match(toBob.at(-1), /your filter may meet those of 3 others, too/);
  t.equal(said.length - toBob.length, 6, "each other is told");
});
