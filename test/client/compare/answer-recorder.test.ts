import { createHash } from "node:crypto";
import t from "tap";
import { AnswerRecorder } from "../../../src/client/compare/answer-recorder.ts";

void t.test("keeps the begin, and counts and hashes all, however the bytes are split", async (t) => {
  const bytes = Buffer.from("0123456789abcdef");
  for (const size of [1, 3, 16]) {
    const recorder = new AnswerRecorder({ startedMs: 100, captureBytes: 10 });
    recorder.head({
      status: 200,
      headers: [
        [":status", "200"],
        ["a", "b"],
      ],
      nowMs: 103,
    });
    const buffer = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size) {
      // One buffer for all reads, as sockets do it.
      const length = bytes.copy(buffer, 0, at, at + size);
      recorder.data(buffer.subarray(0, length));
    }
    const answer = recorder.end({ how: "complete" }, { nowMs: 110, trailers: [["t", "1"]] });
    t.same(answer, {
      status: 200,
      headers: [["a", "b"]],
      body: {
        bytes: bytes.subarray(0, 10),
        isTruncated: true,
        totalBytes: 16,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      },
      trailers: [["t", "1"]],
      end: { how: "complete" },
      firstByteMs: 3,
      totalMs: 10,
    });
  }
});

void t.test("a body that just fits is whole", async (t) => {
  const recorder = new AnswerRecorder({ startedMs: 0, captureBytes: 4 });
  recorder.head({ status: 200, headers: [], nowMs: 0 });
  recorder.data(Buffer.from("abcd"));
  t.equal(recorder.end({ how: "complete" }, { nowMs: 0 }).body.isTruncated, false);
});

void t.test("an end before the head is no answer, one after it without the rest is cut", async (t) => {
  const never = new AnswerRecorder({ startedMs: 0 });
  never.data(Buffer.from("lost"));
  const answer = never.end({ how: "cut", reason: "refused" }, { nowMs: 1 });
  t.match(answer, { status: 0, end: { how: "none", reason: "refused" }, body: { totalBytes: 0 } });
  t.equal(answer.firstByteMs, undefined);
  const cut = new AnswerRecorder({ startedMs: 0 });
  cut.head({ status: 200, headers: [], nowMs: 1 });
  t.same(cut.end({ how: "none", reason: "reset" }, { nowMs: 2 }).end, { how: "cut", reason: "reset" });
});

void t.test("what comes after the end changes nothing", async (t) => {
  const recorder = new AnswerRecorder({ startedMs: 0 });
  recorder.head({ status: 200, headers: [], nowMs: 1 });
  const answer = recorder.end({ how: "complete" }, { nowMs: 2 });
  recorder.data(Buffer.from("late"));
  recorder.head({ status: 500, headers: [], nowMs: 3 });
  t.equal(recorder.end({ how: "cut", reason: "late" }, { nowMs: 4 }), answer);
});
