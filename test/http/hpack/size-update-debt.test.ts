import t from "tap";
import { SizeUpdateDebt } from "../../../src/http/index.ts";

void t.test("a lowered table is owed once, by whoever sends first", async (t) => {
  const debt = new SizeUpdateDebt();
  t.equal(debt.pay(), undefined);
  debt.allowTable(4096);
  t.equal(debt.pay(), undefined);
  debt.allowTable(100);
  debt.allowTable(4096);
  t.equal(debt.pay(), 100, "the lowest, though it was raised since");
  t.equal(debt.pay(), undefined);
  debt.allowTable(50);
  debt.pass(Buffer.from([0x3f, 0x13, 0x82]));
  t.equal(debt.pay(), undefined, "the other encoder paid");
});

void t.test(
  "a block that begins with none pays nothing, and one that raises the table makes room to lower it",
  async (t) => {
    const debt = new SizeUpdateDebt();
    debt.allowTable(100);
    debt.pass(Buffer.from([0x88]));
    t.equal(debt.pay(), 100);
    debt.pass(Buffer.from([0x20, 0x3f, 0xe1, 0x1f]));
    debt.allowTable(100);
    t.equal(debt.pay(), 100);
    t.doesNotThrow(() => debt.pass(Buffer.from([0x3f, 0xff])));
  },
);
