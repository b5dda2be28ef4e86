import t from "tap";
import {
  checkedAddress,
  checkedComment,
  checkedInteger,
  checkedInterface,
  checkedMark,
  checkedName,
  checkedPort,
  checkedTimeout,
  checkedWord,
} from "../../iptables/src/value.ts";

const REFUSED = { code: "invalid-value" };
const INJECTIONS = [
  "a; flush ruleset",
  "a\nflush ruleset",
  "a }",
  'a"',
  "a b",
  "{",
  "@a",
  "$a",
  "a#",
  "",
  "a\\",
  "a\0",
  "a\t",
];

await t.test("a name starts with a letter and holds nothing that the grammar reads otherwise", async (t) => {
  for (const name of ["magpie", "a", "magpie_12_ab", "a.b-c"]) t.equal(checkedName(name), name);
  for (const name of [...INJECTIONS, "1a", "_a", "a".repeat(129), "ä"])
    t.throws(() => checkedName(name), REFUSED, name);
});

await t.test("a port is an integer from 1 to 65535", async (t) => {
  t.equal(checkedPort(1), "1");
  t.equal(checkedPort(65535), "65535");
  for (const port of [0, -1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => checkedPort(port), REFUSED);
  // What JSON from outside may hold in spite of the type.
  t.throws(() => checkedPort("80; flush ruleset" as unknown as number), REFUSED);
});

await t.test("a mark has 32 bits and is written in hexadecimal", async (t) => {
  t.equal(checkedMark(0x106d), "0x106d");
  t.equal(checkedMark(0xffffffff), "0xffffffff");
  for (const mark of [-1, 2 ** 32, 0.5]) t.throws(() => checkedMark(mark), REFUSED);
});

await t.test("an address is of its version, with or without a prefix length", async (t) => {
  for (const address of ["127.0.0.1", "10.0.0.0/8", "0.0.0.0/0"])
    t.equal(checkedAddress(address, 4), address);
  for (const address of ["::1", "fd00::/8", "::ffff:1.2.3.4"]) t.equal(checkedAddress(address, 6), address);
  for (const address of ["::1", "10.0.0.0/33", "10.0.0.0/", "1.2.3.4/8/8", "1.2.3", ...INJECTIONS])
    t.throws(() => checkedAddress(address, 4), REFUSED, address);
  for (const address of ["127.0.0.1", "fe80::1%eth0", "::/129", "::1/x"])
    t.throws(() => checkedAddress(address, 6), REFUSED, address);
});

await t.test("an interface has at most 15 characters, is quoted, and may end in a wildcard", async (t) => {
  t.equal(checkedInterface("lo"), '"lo"');
  t.equal(checkedInterface("eth*"), '"eth*"');
  t.equal(checkedInterface("eth0.7@x"), '"eth0.7@x"');
  for (const name of [...INJECTIONS.filter((name) => name !== "@a"), "a".repeat(16), "a*b", "*"])
    t.throws(() => checkedInterface(name), REFUSED, name);
});

await t.test("a comment has no quote and no control character, and at most 128 bytes", async (t) => {
  t.equal(checkedComment("our own; way {to} the app"), '"our own; way {to} the app"');
  for (const comment of ['a"b', "a\nb", "a\\", "ä".repeat(65)])
    t.throws(() => checkedComment(comment), REFUSED);
});

await t.test("a timeout is whole milliseconds", async (t) => {
  t.equal(checkedTimeout(4000), "4000ms");
  for (const timeout of [0, 0.5, -1, 1e12]) t.throws(() => checkedTimeout(timeout), REFUSED);
});

await t.test("a word or an integer outside its range is named in the message", async (t) => {
  t.throws(() => checkedWord("verdict", "explode" as "drop", ["drop"]), {
    message: /verdict "explode".*drop/,
  });
  t.throws(() => checkedInteger("priority", 5, 0, 4), { message: /priority 5 .* 0 to 4/ });
});
