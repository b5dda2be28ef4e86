import { gzipSync } from "node:zlib";
import t from "tap";
import {
  answer,
  compare,
  field,
  frame,
  grpc,
  message,
  places,
  short,
  sorted,
  swapped,
  truncated,
} from "./answers.ts";
import { Random } from "./random-json.ts";

const item = (price: number, name: string) => message(field(1, price), field(2, name));

void t.test("a field that differs is named by its numbers", async (t) => {
  const original = grpc([message(field(1, 5), field(3, item(10, "tea")))]);
  const local = grpc([message(field(1, 5), field(3, item(12, "tea")))]);
  t.same(short(compare(original, local)), ["grpc:message 1 field 3.1: 10 → 12"]);
});

void t.test("the order of different fields means nothing", async (t) => {
  const original = grpc([message(field(1, 5), field(2, "a"))]);
  t.equal(compare(original, grpc([message(field(2, "a"), field(1, 5))])).verdict, "same");
});

void t.test("numbers of 64 bits keep all digits", async (t) => {
  const comparison = compare(grpc([field(1, 2n ** 64n - 1n)]), grpc([field(1, 2n ** 64n - 2n)]));
  t.same(short(comparison), ["grpc:message 1 field 1: 18446744073709551615 → 18446744073709551614"]);
});

void t.test("a missing field is a difference, another wire type is one of kind", async (t) => {
  t.same(short(compare(grpc([field(1, 5)]), grpc([Buffer.alloc(0)]))), [
    "grpc:message 1 field 1: 5 → nothing",
  ]);
  const { differences } = compare(grpc([field(1, 5)]), grpc([field(1, "five")]));
  t.match(differences, [{ kind: "kind", original: "5", local: '"five"' }]);
});

void t.test("a repeated value that was inserted is one difference", async (t) => {
  const list = (...names: string[]) => grpc([message(...names.map((name) => field(4, name)))]);
  t.same(short(compare(list("a", "b", "c"), list("a", "x", "b", "c"))), [
    'grpc:message 1 field 4: nothing → "x"',
  ]);
});

void t.test("entries of a map may come in any order", async (t) => {
  const entry = (key: string, value: number) => field(7, message(field(1, key), field(2, value)));
  const original = grpc([message(entry("a", 1), entry("b", 2))]);
  t.equal(compare(original, grpc([message(entry("b", 2), entry("a", 1))])).verdict, "same");
  t.same(short(compare(original, grpc([message(entry("b", 3), entry("a", 1))]))), [
    "grpc:message 1 field 7.2: 2 → 3",
  ]);
});

void t.test("messages are compared one by one, and one more is a difference", async (t) => {
  const comparison = compare(grpc([field(1, 1), field(1, 2)]), grpc([field(1, 1), field(1, 3), field(1, 4)]));
  t.same(places(comparison), ["grpc:message 2 field 1", "grpc:message 3"]);
});

void t.test("compressed messages are what they decompress to", async (t) => {
  const payload = message(field(1, 5), field(2, "x".repeat(200)));
  const local = answer(frame(gzipSync(payload), 1), {
    type: "application/grpc",
    headers: [["grpc-encoding", "gzip"]],
    trailers: [["grpc-status", "0"]],
  });
  t.equal(compare(grpc([payload]), local, "header:grpc-encoding").verdict, "same");
  const other = grpc([message(field(1, 6), field(2, "x".repeat(200)))]);
  t.same(places(compare(other, local, "header:grpc-encoding")), ["grpc:message 1 field 1"]);
  const unknown = compare(other, { ...local, headers: local.headers.slice(0, 1) });
  t.same(places(unknown), ["grpc:message 1"]);
  t.match(unknown.notes, [/could not be decompressed/]);
});

void t.test("trailers tell how a call ended, in whichever place they stand", async (t) => {
  const failed = (code: string) =>
    answer("", {
      type: "application/grpc",
      trailers: [
        ["grpc-status", code],
        ["Grpc-Message", "no"],
      ],
    });
  const only = answer("", {
    type: "application/grpc",
    headers: [
      ["grpc-status", "5"],
      ["grpc-message", "no"],
    ],
  });
  t.equal(compare(failed("5"), only).verdict, "same");
  t.same(short(compare(failed("0"), only)), ["trailer:grpc-status: 0 → 5"]);
  t.equal(compare(failed("0"), only, "trailer:grpc-*").verdict, "same");
});

void t.test("rules name fields of every message, of one, and with wildcards", async (t) => {
  const make = (at: number) => grpc([field(3, item(at, "a")), field(3, item(at, "a"))]);
  t.equal(compare(make(1), make(2), "grpc:field 3.1").verdict, "same");
  t.equal(compare(make(1), make(2), "grpc:field 3").verdict, "same");
  t.equal(compare(make(1), make(2), "grpc:field *.1").verdict, "same");
  t.same(places(compare(make(1), make(2), "grpc:message 1 field 3.1")), ["grpc:message 2 field 3.1"]);
  t.same(places(compare(make(1), make(2), "grpc:message 2")), ["grpc:message 1 field 3.1"]);
  t.equal(compare(make(1), make(2), "grpc:field 3.2").verdict, "differs");
});

void t.test("what is no protobuf is compared by hash, what is no gRPC as bytes", async (t) => {
  const comparison = compare(grpc([Buffer.from([7, 7])]), grpc([Buffer.from([7, 8])]));
  t.match(short(comparison), [/^grpc:message 1: 2 bytes, sha256 .*different at 1 →/]);
  const broken = compare(
    grpc([field(1, 1)]),
    answer(Buffer.from([9, 9, 9]), { type: "application/grpc", trailers: [["grpc-status", "0"]] }),
  );
  t.same(places(broken), ["body"]);
  t.match(broken.notes, [/no sequence of gRPC messages/]);
});

void t.test("of bodies kept in part, the messages that both have are compared", async (t) => {
  const make = (first: number, last: number) => truncated(grpc([field(1, first), field(1, last)]), 9);
  t.match(compare(make(1, 2), make(1, 3)), {
    verdict: "incomparable",
    incomparable: [{ code: "body-too-large" }],
  });
  t.same(places(compare(make(1, 2), make(4, 3))), ["grpc:message 1 field 1"]);
  t.equal(compare(make(1, 2), make(1, 2)).verdict, "same");
});

void t.test(
  "random messages: an edited leaf is reported at exactly its fields, and symmetrically",
  async (t) => {
    const random = new Random(29);
    for (let round = 0; round < 300; round++) {
      let leaves = 0;
      const build = (depth: number, changed: number, path: number[], found: { path?: number[] }): Buffer => {
        const fields: Buffer[] = [];
        for (let number = 1; number <= 3; number++) {
          if (depth > 0 && (shape >> (depth * 3 + number)) % 2 === 1)
            fields.push(field(number, build(depth - 1, changed, [...path, number], found)));
          else {
            if (leaves === changed) found.path = [...path, number];
            fields.push(field(number, leaves++ === changed ? 77_777 : 1_000 + leaves));
          }
        }
        return message(...fields);
      };
      const shape = random.number(2 ** 14);
      const original = build(3, -1, [], {});
      const changed = random.number(leaves);
      leaves = 0;
      const found: { path?: number[] } = {};
      const local = build(3, changed, [], found);
      const comparison = compare(grpc([original]), grpc([local]));
      const expected = [`grpc:message 1 field ${found.path?.join(".")}`];
      if (places(comparison).join() !== expected.join()) t.same(places(comparison), expected);
      const back = compare(grpc([local]), grpc([original])).differences.map(swapped);
      if (sorted(back).join() !== sorted(comparison.differences).join()) t.fail(String(round));
    }
  },
);
