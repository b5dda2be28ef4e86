import t from "tap";
import type { Standing } from "../../../src/client/expect/count-test.ts";
import { Course, resultOfAll } from "../../../src/client/expect/course.ts";

const deadline = { do: "wait", untilMs: 1_000 };
const judge = (why: string) => ({ do: "judge", why });

void t.test("it ends at once when all hold for good, or one never can", async (t) => {
  const course = new Course({ withinMs: 1_000, forMs: null }, 0);
  t.same(course.step(["open", "certain"], 10), deadline);
  t.same(course.step(["certain", "certain"], 20), judge("settled"));
  t.same(course.step(["open", "broken"], 30), judge("broken"));
});

void t.test("what may break is watched until the deadline", async (t) => {
  const course = new Course({ withinMs: 1_000, forMs: null }, 0);
  t.same(course.step(["certain", "holding"], 999), deadline);
  t.same(course.step(["certain", "holding"], 1_000), judge("time-is-over"));
});

void t.test("with a time to hold it ends when all have held so long in a row", async (t) => {
  const course = new Course({ withinMs: 1_000, forMs: 300 }, 0);
  t.same(course.step(["open", "holding"], 100), deadline);
  t.same(course.step(["certain", "holding"], 200), { do: "wait", untilMs: 500 });
  t.same(course.step(["certain", "open"], 300), deadline, "it does not hold any more");
  t.same(course.step(["certain", "holding"], 900), { do: "wait", untilMs: 1_200 }, "it has begun in time");
  t.same(course.step(["certain", "holding"], 1_200), judge("held-long-enough"));
  const late = new Course({ withinMs: 1_000, forMs: 300 }, 0);
  t.same(late.step(["open"], 1_000), judge("time-is-over"));
  t.same(new Course({ withinMs: 1_000, forMs: 0 }, 0).step(["holding"], 1), judge("held-long-enough"));
});

void t.test("one that did not hold decides over what is unsure", async (t) => {
  const result = (...standings: Standing[]) => resultOfAll(standings);
  t.equal(result("certain", "holding"), "held");
  t.equal(result("certain", "unsure"), "unsure");
  t.equal(result("unsure", "open"), "not-held");
  t.equal(result("broken"), "not-held");
});
