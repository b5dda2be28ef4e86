import t from "tap";
import { decodeConnectAnswer, encodeConnectAnswer } from "../../src/protocol/index.ts";

void t.test("an answer reads as it was written", async (t) => {
  for (const answer of [
    { outcome: "connected", local: { address: "10.0.0.9", port: 40_000 } },
    { outcome: "connected", local: null },
    { outcome: "failed", errno: "ECONNREFUSED", text: null },
    { outcome: "failed", errno: "EIO", text: "several processes listen" },
  ] as const)
    t.strictSame(decodeConnectAnswer(encodeConnectAnswer(answer)), answer);
});

void t.test("an answer that breaks its form is refused", async (t) => {
  for (const text of [
    "",
    "[]",
    "{}",
    '{"outcome":"perhaps"}',
    '{"outcome":"connected"}',
    '{"outcome":"connected","local":{"address":"here","port":1}}',
    '{"outcome":"failed"}',
    '{"outcome":"failed","errno":"EIO"}',
    '{"outcome":"failed","errno":"refused","text":null}',
    '{"outcome":"failed","errno":"ECONNREFUSED\\n","text":null}',
    `{"outcome":"failed","errno":"E${"X".repeat(99)}","text":null}`,
  ])
    t.throws(() => decodeConnectAnswer(Buffer.from(text)), { code: "bad-message" }, text);
});
