import t from "tap";
import type { Answer } from "../../../src/client/compare/answer.ts";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import {
  ComparisonSummary,
  type IncomparablePolicy,
} from "../../../src/client/compare/comparison-summary.ts";
import { limits } from "../../../src/client/compare/limits.ts";
import { answer, json } from "./answers.ts";

function add(summary: ComparisonSummary, target: string, original: Answer, local: Answer, id?: string): void {
  const request = { method: "GET", target, ...(id === undefined ? {} : { id }) };
  summary.add({ request, comparison: compareAnswers({ request, original, local }) });
}

const none = answer("", { status: 0, end: { how: "none", reason: "refused" } });

void t.test("counts pairs, groups by route and place, and keeps the first example", async (t) => {
  const summary = new ComparisonSummary();
  add(
    summary,
    "/users/1",
    json({ items: [{ v: 1 }, { v: 1 }] }),
    json({ items: [{ v: 2 }, { v: 3 }] }),
    "r-1",
  );
  add(summary, "/users/2?token=abc", json({ items: [{ v: 1 }] }), json({ items: [{ v: 2 }] }));
  add(summary, "/users/3", json({}), json({}));
  add(summary, "/quiet", json({}), json({}));
  add(summary, "/gone", json({}), none);
  const report = summary.report();
  t.match(report, {
    format: "magpie-compare",
    version: 1,
    verdict: "differs",
    pairs: { total: 5, same: 2, differs: 2, incomparable: 1 },
    incomparable: [{ code: "local-none", answers: 1, example: "the local program did not answer: refused" }],
  });
  t.match(report.routes[0], {
    route: "GET /users/{number}",
    pairs: { total: 3, differs: 2 },
    places: [
      {
        place: "body/items/*/v",
        answers: 2,
        example: {
          kind: "changed",
          place: "body/items/0/v",
          original: "1",
          local: "2",
          requestId: "r-1",
          target: "/users/1",
        },
      },
    ],
  });
  t.same(JSON.parse(JSON.stringify(report)), report);
});

void t.test("counts what was hidden, by whom and by which rule", async (t) => {
  const summary = new ComparisonSummary();
  const dated = (date: string) => answer("", { headers: [["date", date]] });
  add(summary, "/", dated("1"), dated("2"));
  add(summary, "/", dated("1"), dated("3"));
  t.match(summary.report(), {
    verdict: "same",
    hidden: { default: 2, rule: 0, noise: 0 },
    rules: [{ rule: "header:date", by: "default", answers: 2 }],
  });
});

const exits: [
  what: string,
  pairs: [Answer, Answer][],
  policy: IncomparablePolicy | undefined,
  code: 0 | 1,
][] = [
  ["nothing differs", [[json(1), json(1)]], undefined, 0],
  [
    "something differs",
    [
      [json(1), json(1)],
      [json(1), json(2)],
    ],
    "pass",
    1,
  ],
  [
    "some incomparable",
    [
      [json(1), json(1)],
      [json(1), none],
    ],
    undefined,
    0,
  ],
  [
    "some incomparable, strictly",
    [
      [json(1), json(1)],
      [json(1), none],
    ],
    "fail",
    1,
  ],
  ["all incomparable", [[json(1), none]], undefined, 1],
  ["all incomparable, leniently", [[json(1), none]], "pass", 0],
  ["no pair at all", [], undefined, 1],
  ["no pair at all, leniently", [], "pass", 0],
];

for (const [what, pairs, policy, code] of exits) {
  void t.test(`exits with ${code}: ${what}`, async (t) => {
    const summary = new ComparisonSummary();
    for (const [original, local] of pairs) add(summary, "/", original, local);
    t.equal(summary.exitCode(policy), code);
  });
}

void t.test("medians are of the latest answers", async (t) => {
  const summary = new ComparisonSummary();
  t.same(summary.report().medianMs, { original: null, local: null });
  for (let round = 0; round < 2_000; round++)
    add(summary, "/", answer("", { totalMs: round < 1_000 ? 1 : 9 }), answer("", { totalMs: 5 }));
  t.same(summary.report().medianMs, { original: 9, local: 5 });
});

void t.test("is bounded, whatever comes: routes, places, and what an example keeps alive", async (t) => {
  const summary = new ComparisonSummary();
  for (let route = 0; route < limits.summaryRoutes + 30; route++)
    add(summary, `/r-${route}`, json(1), json(2));
  const report = summary.report();
  t.equal(report.routes.length, limits.summaryRoutes);
  t.match(report.moreRoutes, { total: 30, differs: 30 });
  const wide = new ComparisonSummary();
  for (let key = 0; key < limits.summaryPlaces + 5; key++) add(wide, "/", json({ [`k${key}`]: 1 }), json({}));
  t.match(wide.report().routes, [{ morePlaces: 5 }]);
  t.equal(wide.report().routes[0]?.places.length, limits.summaryPlaces);
  const long = new ComparisonSummary();
  add(long, "/", json({ ["k".repeat(1_000_000)]: 1 }), json({}));
  t.ok(JSON.stringify(long.report()).length < 3_000);
});
