import t from "tap";
import { findingLines, verdictLine } from "../../../src/client/doctor/finding-lines.ts";
import type { Finding } from "../../../src/kubernetes/index.ts";

const plain = (_style: unknown, text: string): string => text;
const lines = (findings: readonly Finding[], width = 60): string =>
  findingLines(findings, { paint: plain, width }).join("\n");

void t.test("a finding says what, why and what to do, within the width", async (t) => {
  const finding: Finding = {
    id: "x",
    level: "blocker",
    what: "one two three four five six seven eight nine ten eleven twelve",
    why: "since so",
    fix: "do this\nor that",
  };
  t.equal(
    lines([finding]),
    `✗ blocker  one two three four five six seven eight nine ten
           eleven twelve
           since so
           fix: do this
           or that`,
  );
});

void t.test("what several in a row have in common is said once, below the last of them", async (t) => {
  const of = (what: string, fix: string): Finding => ({ id: "x", level: "warning", what, fix });
  t.equal(
    lines([of("a", "same"), of("b", "same"), of("c", "other")]),
    `! warning  a
! warning  b
           fix: same
! warning  c
           fix: other`,
  );
});

void t.test("names of others cannot move the cursor", async (t) => {
  t.notMatch(lines([{ id: "x", level: "ok", what: "pod \u001b[2Jweb" }]), "\u001b");
});

void t.test("the verdict counts", async (t) => {
  const of = (...levels: Finding["level"][]) =>
    verdictLine(
      levels.map((level) => ({ id: "x", level, what: "" })),
      plain,
    );
  t.equal(of("ok", "note"), "nothing in the way");
  t.equal(of("warning", "warning"), "nothing in the way, 2 warnings");
  t.equal(of("blocker", "warning"), "1 blocker: it would not work as it is");
});
