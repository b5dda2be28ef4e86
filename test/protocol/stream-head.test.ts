import { test } from "tap";
import { decodeAgentHead, decodeClientHead, encodeStreamHead } from "../../src/protocol/index.ts";

const bytes = Buffer.from("HTTP/1.1 200 \xe9\r\n\r\n", "latin1");

void test("every kind a client sends reads as it was written", async (t) => {
  t.strictSame(decodeClientHead(encodeStreamHead("accepted")), { kind: "accepted" });
  for (const kind of ["informational", "response", "trailers"] as const)
    t.strictSame(decodeClientHead(encodeStreamHead(kind, bytes)), { kind, bytes });
});

void test("an agent sends trailers only", async (t) => {
  t.strictSame(decodeAgentHead(encodeStreamHead("trailers", bytes)), { kind: "trailers", bytes });
  t.throws(() => decodeAgentHead(encodeStreamHead("response", bytes)), { code: "bad-payload" });
});

void test("an empty head, an unknown kind and an accepted with bytes are refused", async (t) => {
  for (const payload of [Buffer.alloc(0), Buffer.of(0), Buffer.of(9), Buffer.of(1, 1)])
    t.throws(() => decodeClientHead(payload), { code: "bad-payload" });
});
