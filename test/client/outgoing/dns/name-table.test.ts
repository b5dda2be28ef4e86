import t from "tap";
import { NameTable } from "../../../../src/client/outgoing/dns/name-table.ts";
import { ManualClock } from "../../../tunnel/manual-clock.ts";

function names(table: NameTable, address: string): string {
  return table
    .namesOf(address)
    .map(({ name, foundBy }) => `${name}/${foundBy}`)
    .join(" ");
}

void t.test("an address has the names that it was found under, the last one first", async (t) => {
  const table = new NameTable({ clock: new ManualClock() });
  table.learn([{ address: "10.0.0.1", names: ["A.example", "b.example"], ttlSeconds: 60 }], "remote");
  table.learn([{ address: "10.0.0.1", names: ["c"], ttlSeconds: 60 }], "local");
  table.learn([{ address: "10.0.0.1", names: ["a.example"], ttlSeconds: 60 }], "local");
  t.equal(names(table, "10.0.0.1"), "a.example/local c/local b.example/remote");
  t.equal(names(table, "::ffff:10.0.0.1"), names(table, "10.0.0.1"), "as a socket of IPv6 names it");
  t.equal(names(table, "10.0.0.2"), "");
  t.equal(names(table, "no address"), "");
});

void t.test("an old name gives way to one that was looked up since, and only to that", async (t) => {
  const clock = new ManualClock();
  const table = new NameTable({ clock });
  table.learn([{ address: "10.0.0.1", names: ["old"], ttlSeconds: 5 }], "remote");
  clock.advance(2 * 3_600_000);
  t.equal(names(table, "10.0.0.1"), "old/remote", "programs keep addresses");
  table.learn([{ address: "10.0.0.1", names: ["new"], ttlSeconds: 5 }], "remote");
  t.equal(names(table, "10.0.0.1"), "new/remote", "the address is another's by now");
});

void t.test("names of the hosts file stay, whatever is looked up", async (t) => {
  const clock = new ManualClock();
  const table = new NameTable({ clock });
  table.learnHosts([
    { address: "127.0.0.1", names: ["localhost", "LOCALHOST.localdomain"] },
    { address: "127.0.0.1", names: ["me"] },
  ]);
  table.learn([{ address: "127.0.0.1", names: ["x"], ttlSeconds: 1 }], "remote");
  t.equal(names(table, "127.0.0.1"), "localhost/remote localhost.localdomain/remote me/remote x/remote");
  clock.advance(2 * 3_600_000);
  t.equal(names(table, "127.0.0.1"), "localhost/remote localhost.localdomain/remote me/remote");
  table.learnHosts([]);
  t.equal(names(table, "127.0.0.1"), "x/remote");
});

void t.test("it is bounded in addresses and in names of one", async (t) => {
  const table = new NameTable({ clock: new ManualClock(), maxAddresses: 2 });
  for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"])
    table.learn([{ address, names: ["x"], ttlSeconds: 60 }], "remote");
  t.same(
    ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => names(table, address) !== ""),
    [true, false, true],
  );
  for (let index = 0; index < 100; index++)
    table.learn([{ address: "10.0.0.1", names: [`n${index}`], ttlSeconds: 60 }], "remote");
  t.equal(table.namesOf("10.0.0.1").length, 32);
});
