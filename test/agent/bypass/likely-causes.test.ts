import t from "tap";
import {
  bypassMessage,
  type Evidence,
  existingMessage,
  overMessage,
} from "../../../src/agent/bypass/likely-causes.ts";

const evidence: Evidence = {
  port: 80,
  numbers: { open: 2, seen: 5, passed: 0 },
  direct: [1, 2, 3, 4, 5].map((cookie) => ({ cookie, peer: `10.0.0.1:${cookie}`, isFromPod: false })),
  leaseLapsedMs: undefined,
  chainsOfOthers: [],
};

void t.test("the numbers are named, and some of those who connected", (t) => {
  const text = bypassMessage(evidence);
  t.match(
    text,
    "connections to port 80 reach the app without passing Magpie: 2 open now, 5 seen since it was taken, ",
  );
  t.match(text, "from 10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3 and 2 others.");
  t.end();
});

void t.test("only causes that fit what was seen are named", (t) => {
  const passed = { ...evidence, numbers: { open: 0, seen: 0, passed: 3 }, direct: [] };
  const cases: [string, Evidence, RegExp, RegExp][] = [
    ["no rule saw them", evidence, /network plugin/, /rule or mark/],
    ["a rule saw them pass", passed, /3 counted in the kernel.*somebody's rule or mark/, /network plugin/],
    [
      "others have rules",
      { ...passed, chainsOfOthers: ["table ip a, chain b"] },
      /table ip a, chain b/,
      /plugin/,
    ],
    ["the lease lapsed", { ...evidence, leaseLapsedMs: 6_240 }, /for 6\.2 s/, /plugin/],
    [
      "they come from the pod",
      { ...evidence, direct: [{ cookie: 1, peer: "127.0.0.1:9", isFromPod: true }] },
      /sidecar of the pod itself connects \(1 of them\)/,
      /lease/,
    ],
    [
      "nobody counts",
      { ...evidence, numbers: { open: 1, seen: 1, passed: undefined } },
      /rule or mark.*plugin/,
      /counted/,
    ],
  ];
  for (const [name, seen, named, notNamed] of cases) {
    t.match(bypassMessage(seen), named, name);
    t.notMatch(bypassMessage(seen), notNamed, name);
  }
  t.end();
});

void t.test("what was there before is told with a way out, one or many", (t) => {
  t.match(existingMessage(80, 1), /^1 connection was open .* until it ends, .* --take-over/);
  t.match(existingMessage(80, 12), /^12 connections were open .* until they end, /);
  t.equal(
    overMessage(80, { open: 0, seen: 4, passed: 6 }),
    "connections to port 80 pass Magpie again; past it went 4 seen since it was taken, 6 counted in the kernel",
  );
  t.end();
});
