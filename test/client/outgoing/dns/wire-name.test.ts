import t from "tap";
import { readName, skipName } from "../../../../src/client/outgoing/dns/wire-name.ts";
import { Random } from "../../../filters/random.ts";
import { wireName, words } from "./messages.ts";

const header = Buffer.alloc(12);

function read(...parts: Buffer[]) {
  return readName(Buffer.concat([header, ...parts]), 12);
}

void t.test("a name is read in lower case, and where it ends", async (t) => {
  t.same(read(wireName("Redis.Default")), { name: "redis.default", end: 12 + 15 });
  t.same(read(Buffer.of(0)), { name: "", end: 13 });
  const labels = Buffer.concat([Buffer.from([7, ...Buffer.from("a.b\\ *\0")]), wireName("x")]);
  t.equal(read(labels)?.name, "a\\046b\\092\\032\\042\\000.x", "no dot of a label is one between labels");
});

void t.test("RFC 1035 §4.1.4: a pointer leads to what came before", async (t) => {
  const message = Buffer.concat([header, wireName("a.example"), Buffer.from([1, 98]), words(0xc00e)]);
  t.same(readName(message, 23), { name: "b.example", end: 27 });
  t.equal(skipName(message, 23), 27);
});

void t.test("pointers in a circle, forward or into the header lead nowhere", async (t) => {
  t.equal(read(words(0xc00c)), undefined, "to itself");
  t.equal(read(words(0xc00e), words(0xc00c)), undefined, "to each other");
  t.equal(read(Buffer.from([1, 97]), words(0xc00c)), undefined, "to its own begin");
  t.equal(read(words(0xc000)), undefined, "into the header");
  t.equal(read(words(0xc020)), undefined, "forward");
  t.equal(readName(Buffer.concat([header, wireName("a"), Buffer.of(0xc0)]), 15), undefined, "cut");
});

void t.test("what is too long, cut or of another kind of label is no name", async (t) => {
  t.equal(read(wireName("abcdefg.".repeat(40))), undefined);
  t.equal(
    read(Buffer.concat([wireName(`${"a".repeat(63)}.`.repeat(4).slice(0, -2)), Buffer.alloc(0)])),
    undefined,
  );
  t.ok(
    read(wireName(`${"a".repeat(63)}.${"a".repeat(63)}.${"a".repeat(63)}.${"a".repeat(61)}`)),
    "255 bytes",
  );
  t.equal(read(Buffer.from([5, 97])), undefined);
  t.equal(read(Buffer.from([0x41, 97, 0])), undefined);
  t.equal(read(), undefined);
});

void t.test("whatever bytes there are, reading ends and throws nothing", async (t) => {
  const random = new Random(3);
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: 12 + random.below(60) }, () =>
        random.pick([0, 1, 2, 0xc0, 12, 14, random.below(256)]),
      ),
    );
    const at = random.below(bytes.length + 2);
    const name = readName(bytes, at);
    if (name !== undefined && name.end !== skipName(bytes, at)) t.fail(`${bytes.toString("hex")} at ${at}`);
  }
});
