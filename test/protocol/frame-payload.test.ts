import { test } from "tap";
import {
  decodeCredit,
  decodeGoaway,
  decodeReset,
  encodeGoaway,
  encodeReset,
  isUntouched,
  MAX_TEXT_BYTES,
} from "../../src/protocol/index.ts";

void test("a reset says its code and text again", async (t) => {
  t.strictSame(decodeReset(encodeReset("local-refused", "nobody listens")), {
    code: "local-refused",
    text: "nobody listens",
  });
  t.strictSame(decodeGoaway(encodeGoaway("closing", "")), { code: "closing", text: "" });
});

void test("a long text is cut between characters", async (t) => {
  const payload = encodeReset("internal", `x${"é".repeat(MAX_TEXT_BYTES)}`);
  t.ok(payload.length <= 1 + MAX_TEXT_BYTES);
  t.match(decodeReset(payload).text, /^xé+$/);
});

void test("a code of a newer peer promises nothing", async (t) => {
  t.equal(decodeReset(Buffer.of(200)).code, "internal");
  t.notOk(isUntouched("internal"));
});

void test("only what was provably not delivered counts as untouched", async (t) => {
  t.strictSame(
    (
      ["local-refused", "local-stranger", "refused", "local-closed", "session-closed", "cancelled"] as const
    ).filter(isUntouched),
    ["local-refused", "local-stranger", "refused"],
  );
});

void test("a credit of zero bytes is a breach", async (t) => {
  t.throws(() => decodeCredit(Buffer.alloc(4)), { code: "bad-payload" });
  t.equal(decodeCredit(Buffer.alloc(4, 255)), 2 ** 32 - 1);
});
