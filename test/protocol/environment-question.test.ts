import t from "tap";
import {
  encodeMessage,
  environmentPart,
  environmentPartBody,
  environmentSource,
  MAX_ENVIRONMENT_PART_BYTES,
  MAX_MESSAGE_BYTES,
  parseClientMessage,
} from "../../src/protocol/index.ts";

void t.test("the question and its answers come back from the wire", async (t) => {
  for (const process of [null, 1, 4_194_304]) {
    const ask = { type: "ask", id: 1, question: { kind: "environment", process } } as const;
    t.same(parseClientMessage(encodeMessage(ask)), ask);
  }
  const source = { process: 7, name: "app", because: "it was named", byteLength: 3 };
  t.same(environmentSource({ ...source, more: 1 }), source);
  for (const length of [0, 1, 2, 3, MAX_ENVIRONMENT_PART_BYTES]) {
    const bytes = Buffer.alloc(length, 0xff);
    t.ok(environmentPart(environmentPartBody(bytes)).equals(bytes), `${length} bytes`);
  }
});

void t.test("a part of the largest size fits into a message", async (t) => {
  const body = environmentPartBody(Buffer.alloc(MAX_ENVIRONMENT_PART_BYTES));
  const answer = { type: "answer", id: 2 ** 50, body, error: null, isLast: false } as const;
  t.ok(encodeMessage(answer).length < MAX_MESSAGE_BYTES);
});

void t.test("what is no such question or answer is refused", async (t) => {
  for (const process of [0, -1, 1.5, 4_194_305, "7", undefined]) {
    const payload = Buffer.from(
      JSON.stringify({ type: "ask", id: 1, question: { kind: "environment", process } }),
    );
    t.throws(() => parseClientMessage(payload), { code: "bad-message" }, String(process));
  }
  const tooLong = "A".repeat((MAX_ENVIRONMENT_PART_BYTES / 3) * 4 + 8);
  for (const bytes of ["A", "AA=A", "AAA\n", "hunter2!", "====", tooLong, 1, null])
    t.throws(() => environmentPart({ bytes }), { code: "bad-message" }, String(bytes).slice(0, 10));
  for (const body of [null, [], { process: 0 }, { process: 1, name: "a".repeat(300) }])
    t.throws(() => environmentSource(body), { code: "bad-message" });
});
