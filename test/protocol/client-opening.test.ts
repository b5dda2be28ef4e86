import { test } from "tap";
import { type ClientOpening, decodeClientOpening, encodeClientOpening } from "../../src/protocol/index.ts";

const opening: ClientOpening = {
  kind: "ask-original",
  subscription: 3,
  original: { address: "fd00::1", port: 80 },
};

void test("an opening reads as it was written, but for fields that nobody knows", async (t) => {
  t.strictSame(decodeClientOpening(encodeClientOpening(opening)), opening);
  t.strictSame(decodeClientOpening(Buffer.from(JSON.stringify({ ...opening, later: 1 }))), opening);
});

void test("a kind, an address or a number that is none is refused", async (t) => {
  for (const fields of [
    { kind: "ask-anybody" },
    { subscription: -1 },
    { original: { address: "example.org", port: 80 } },
    { original: { address: "10.0.0.1", port: 70_000 } },
    { original: undefined },
  ])
    t.throws(() => decodeClientOpening(Buffer.from(JSON.stringify({ ...opening, ...fields }))), {
      code: "bad-message",
    });
  t.throws(() => decodeClientOpening(Buffer.from("{")), { code: "bad-message" });
});

void test("an opening above its limit is neither written nor read", async (t) => {
  const long = { ...opening, original: { address: "1".repeat(20_000), port: 80 } };
  t.throws(() => encodeClientOpening(long), { code: "too-large" });
  t.throws(() => decodeClientOpening(Buffer.alloc(20_000)), { code: "bad-payload" });
});
