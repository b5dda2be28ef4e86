import { test } from "tap";
import { type Indexed, StreamIndex } from "../../src/tunnel/stream-index.ts";

class Numbered implements Indexed {
  readonly id: number;
  nextInBucket: Indexed | undefined;
  constructor(id: number) {
    this.id = id;
  }
}

void test("it finds what a Map finds, whatever comes and goes", async (t) => {
  const index = new StreamIndex<Numbered>();
  const model = new Map<number, Numbered>();
  let random = 1;
  const next = (below: number): number => {
    random = (random * 48_271) % 2_147_483_647; // Park and Miller's minimal standard generator.
    return random % below;
  };
  for (let step = 0; step < 20_000; step++) {
    const id = next(1_000) + (step % 3 === 0 ? 4_294_966_000 : 0);
    const known = model.get(id);
    if (known === undefined) {
      const member = new Numbered(id);
      index.add(member);
      model.set(id, member);
    } else if (next(2) === 0) {
      if (!index.delete(known)) t.fail(`${id} was there`);
      model.delete(id);
    }
    if (index.get(id) !== model.get(id) || index.size !== model.size) t.fail(`step ${step}, id ${id}`);
  }
  const byId = (one: Numbered, other: Numbered): number => one.id - other.id;
  t.same(index.values().toSorted(byId), [...model.values()].toSorted(byId));
});

void test("what was never there, or has left, is not deleted twice", async (t) => {
  const index = new StreamIndex<Numbered>();
  const [first, stranger] = [new Numbered(1), new Numbered(1)];
  index.add(first);
  t.notOk(index.delete(stranger));
  t.ok(index.delete(first));
  t.notOk(index.delete(first));
  t.equal(index.size, 0);
  t.equal(first.nextInBucket, undefined);
});
