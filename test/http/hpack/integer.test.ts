import t from "tap";
import { MAX_INTEGER_BYTES, readInteger, writeInteger } from "../../../src/http/hpack/integer.ts";

const coded = (value: number, prefixBits: number, highBits = 0): Buffer => {
  const bytes = Buffer.alloc(MAX_INTEGER_BYTES);
  return bytes.subarray(0, writeInteger(bytes, 0, { value, prefixBits, highBits }));
};

void t.test("RFC 7541 C.1: the examples", async (t) => {
  t.equal(coded(10, 5).toString("hex"), "0a");
  t.equal(coded(1337, 5).toString("hex"), "1f9a0a");
  t.equal(coded(42, 8).toString("hex"), "2a");
});

void t.test("values around every boundary read as they were written, with any prefix", async (t) => {
  for (let prefixBits = 1; prefixBits <= 8; prefixBits++) {
    for (const power of [0, 1, 4, 5, 6, 7, 8, 14, 15, 21, 28, 31]) {
      for (const offset of [-2, -1, 0, 1, 126, 127, 128, 129]) {
        const value = 2 ** power + offset;
        if (value < 0 || value > 2 ** 31 - 1) continue;
        const bytes = coded(value, prefixBits, prefixBits === 8 ? 0 : 0x80);
        const cursor = { at: 0, end: bytes.length };
        if (readInteger(bytes, cursor, prefixBits) !== value || cursor.at !== bytes.length)
          throw new Error(`${value} with ${prefixBits} bits`);
      }
    }
  }
  t.pass();
});

void t.test("the bound holds: 2^31 - 1 is read, 2^31 is not", async (t) => {
  t.equal(readInteger(Buffer.from("7f80ffffff07", "hex"), { at: 0, end: 6 }, 7), 2 ** 31 - 1);
  t.throws(() => readInteger(Buffer.from("7f81ffffff07", "hex"), { at: 0, end: 6 }, 7), {
    code: "hpack-integer-overflow",
  });
});
