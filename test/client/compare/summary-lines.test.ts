import t from "tap";
import type { Answer } from "../../../src/client/compare/answer.ts";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import { ComparisonSummary } from "../../../src/client/compare/comparison-summary.ts";
import { parseIgnoreRule } from "../../../src/client/compare/parse-ignore-rule.ts";
import { summaryLines } from "../../../src/client/compare/summary-lines.ts";
import { answer, json } from "./answers.ts";

function linesOf(
  pairs: readonly [target: string, original: Answer, local: Answer][],
  ignore: readonly string[] = [],
): string[] {
  const summary = new ComparisonSummary();
  for (const [target, original, local] of pairs) {
    const request = { method: "GET", target };
    const rules = ignore.map((rule) => parseIgnoreRule(rule));
    summary.add({ request, comparison: compareAnswers({ request, original, local, ignore: rules }) });
  }
  return summaryLines(summary.report());
}

const none = answer("", { status: 0, end: { how: "none", reason: "connection refused" } });

void t.test("says what differs, where, how often and how", async (t) => {
  const lines = linesOf([
    ["/users/1", json({ price: 12.5 }), json({ price: 13 })],
    ["/users/2", json({ price: 1 }), json({})],
    ["/users/3", answer("", { status: 200 }), answer("", { status: 500 })],
    ["/users/4", json({}), json({})],
    ["/gone", json({}), none],
  ]);
  t.same(lines, [
    "Compared 4 answers with the original's: 3 differ, 1 is the same.",
    "",
    "GET /users/{number}   3 of 4 differ   (original → local)",
    "  body/price    2×  12.5 → 13",
    "  status        1×  200 → 500",
    "",
    "1 pair could not be compared: 1× the local program did not answer: connection refused.",
  ]);
});

void t.test("says in one line that all is well", async (t) => {
  t.same(
    linesOf([
      ["/", json(1), json(1)],
      ["/", json(1), json(1)],
    ]),
    ["Compared 2 answers with the original's: all are the same."],
  );
  t.same(linesOf([["/", json(1), json(1)]]), ["Compared 1 answer with the original's: it is the same."]);
});

void t.test("says that nothing was compared, and why", async (t) => {
  t.same(linesOf([]), ["Nothing was compared: no answer came."]);
  t.match(linesOf([["/", json(1), none]]), [
    /^Nothing was compared: none of 1 pair/,
    "",
    /connection refused/,
  ]);
});

void t.test("says what was left out and how to get it back", async (t) => {
  const make = (value: string) =>
    answer("", {
      headers: [
        ["date", value],
        ["etag", value],
      ],
      totalMs: 4,
    });
  t.same(linesOf([["/", make("1"), make("2")]], ["header:etag"]), [
    "Compared 1 answer with the original's: it is the same.",
    "",
    "Left out: 1 by default (header:date), 1 by --ignore (header:etag). --ignore '+header:date' compares what is left out.",
    "Half of the answers took less than 4.0 ms, the local ones 4.0 ms.",
  ]);
});

void t.test("long values stand below each other, masked ones do not pretend to be equal", async (t) => {
  const lines = linesOf([
    ["/", json({ a: "x".repeat(60), token: "a" }), json({ a: "y".repeat(60), token: "b" })],
  ]);
  t.match(lines.join("\n"), / body\/a +1×\n +original +"x+"\n +local +"y+"\n/);
  t.match(lines.join("\n"), /body\/token +1× +\(masked\) → another one/);
});

void t.test("hostile names reach no terminal, and a long report is cut", async (t) => {
  const key = "\u001b[2J\u202e";
  const pairs = Array.from({ length: 40 }, (_, index): [string, Answer, Answer] => [
    `/r${index}\u001b[2J`,
    json(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${key}${at}`, 1]))),
    json({}),
  ]);
  const lines = linesOf(pairs);
  // oxlint-disable-next-line no-control-regex
  t.notMatch(lines.join("\n"), /[\u0000-\u0009\u000b-\u001f\u202e]/);
  t.ok(lines.length < 130, `${lines.length} lines`);
  t.match(lines.join("\n"), /and 30 more routes/);
});
