import t from "tap";
import { Allowance } from "../../../src/agent/routing/index.ts";

function allowanceOf(max: number): { allowance: Allowance; said: string[] } {
  const said: string[] = [];
  const allowance = new Allowance({
    max,
    onFew: (left) => said.push(`${left} left`),
    onSpent: () => said.push("spent"),
  });
  return { allowance, said };
}

void t.test("no more are offered at once than may be taken", async (t) => {
  const { allowance, said } = allowanceOf(2);
  t.same([allowance.offer(), allowance.offer(), allowance.offer()], [true, true, false]);
  allowance.take();
  t.equal(allowance.offer(), false);
  t.same(said, []);
  allowance.take();
  t.same(said, ["spent"]);
  t.equal(allowance.offer(), false);
});

void t.test("what is given back may be offered again", async (t) => {
  const { allowance, said } = allowanceOf(1);
  for (let time = 0; time < 5; time++) {
    t.equal(allowance.offer(), true);
    allowance.giveBack();
  }
  t.equal(allowance.left, 1);
  t.equal(allowance.offer(), true);
  allowance.take();
  t.same(said, ["spent"]);
});

void t.test("a tenth before the end it is said once, where there are enough for that", async (t) => {
  const { allowance, said } = allowanceOf(25);
  for (let time = 0; time < 25; time++) {
    allowance.offer();
    allowance.take();
  }
  t.same(said, ["2 left", "spent"]);
});
