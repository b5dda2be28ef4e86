import { test } from "tap";
import { type Scheduled, Scheduler } from "../../src/tunnel/scheduler.ts";

class Named implements Scheduled {
  nextInLine: Scheduled | undefined;
  isInLine = false;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

void test("those who stand at the end again take turns", async (t) => {
  const line = new Scheduler<Named>();
  for (const name of ["a", "b", "c"]) line.add(new Named(name));
  let order = "";
  for (let count = 0; count < 7; count++) {
    const member = line.take();
    if (member === undefined) throw new Error("the line is not empty");
    order += member.name;
    line.add(member);
  }
  t.equal(order, "abcabca");
});

void test("nobody stands in line twice, and an empty line gives nobody", async (t) => {
  const line = new Scheduler<Named>();
  const member = new Named("a");
  line.add(member);
  line.add(member);
  t.equal(line.take(), member);
  t.equal(line.take(), undefined);
  t.ok(line.isEmpty);
  line.add(member);
  t.equal(line.take(), member);
});
