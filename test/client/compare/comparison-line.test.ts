import t from "tap";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import type { Answer } from "../../../src/client/compare/answer.ts";
import { comparisonLine } from "../../../src/client/compare/comparison-line.ts";
import { answer, json } from "./answers.ts";

function lineOf(original: Answer, local: Answer, target = "/items/7"): string {
  const request = { method: "GET", target };
  return comparisonLine({ request, comparison: compareAnswers({ request, original, local }) });
}

void t.test("says what differs first, and how much more there is", async (t) => {
  t.equal(
    lineOf(json({ price: 12.5, a: 1, b: 2, c: 3 }), { ...json({ price: 13 }), status: 500 }),
    "GET /items/7 differs: status 200 → 500, body/price 12.5 → 13, body/a 1 → nothing, 2 more",
  );
});

void t.test("says why nothing could be compared", async (t) => {
  const none = answer("", { status: 0, end: { how: "none", reason: "connection refused" } });
  t.equal(
    lineOf(json(1), none),
    "GET /items/7 cannot be compared: the local program did not answer: connection refused",
  );
});

void t.test("shows no secret and nothing that moves a cursor, however long the target is", async (t) => {
  const line = lineOf(
    json({ token: "hush-a", "a\u001b[2J": "x" }),
    json({ token: "hush-b" }),
    `/login?password=hush-c&x=\u001b[2J${"y".repeat(5_000)}`,
  );
  t.notMatch(line, /hush/);
  t.match(line, /body\/token \(masked\) → another one/);
  // oxlint-disable-next-line no-control-regex
  t.notMatch(line, /[\u0000-\u001f]/);
  t.ok(line.length < 600, `${line.length}`);
});
