import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import type { Filter } from "../../../src/filters/index.ts";
import { GatheredFilters } from "../../../src/client/running/gathered-filters.ts";

class Part {
  filter: Filter | null | undefined;
  readonly asked: (Filter | null)[] = [];

  constructor(filter: Filter | null | undefined) {
    this.filter = filter;
  }

  filterOf(): Filter | null | undefined {
    return this.filter;
  }

  setFilter(_port: number, filter: Filter | null): Promise<void> {
    this.asked.push(filter);
    this.filter = filter;
    return Promise.resolve();
  }
}

const bob = { method: "PUT" };
const change = { remote: 80, filter: bob, revision: 3, by: "bob" };

function gathered(parts: readonly Part[]) {
  const over = new AbortController();
  const told: unknown[] = [];
  const all = new GatheredFilters({
    sessions: () => parts,
    tell: ({ filter, revision }) => told.push([filter, revision]),
    signal: over.signal,
  });
  return { all, told, over };
}

void t.test("a filter that all have been given is told once, when the last has it", async (t) => {
  const [one, other] = [new Part(null), new Part(null)];
  const { all, told, over } = gathered([one, other]);
  one.filter = bob;
  all.changed(change);
  t.same(told, []);
  other.filter = { method: "PUT" };
  all.changed({ ...change, revision: 9 });
  t.same(told, [[bob, 3]]);
  over.abort();
});

void t.test(
  "one that was not reached is given it; one that does not hold the port is left alone",
  async (t) => {
    const [one, other, none] = [new Part(null), new Part(null), new Part(undefined)];
    const { all, told, over } = gathered([one, other, none]);
    one.filter = bob;
    all.changed(change);
    await delay(1_200);
    t.same(other.asked, [bob]);
    t.same(none.asked, []);
    t.same(told, [[bob, 3]]);
    over.abort();
  },
);
