import t from "tap";
import { errnoOf } from "../../fixtures/errno-of.ts";
import { QuestionStream } from "../../../src/client/files/question-stream.ts";
import {
  decodeFileQuestion,
  encodeFileAnswer,
  type FileAnswers,
  type FileAsk,
  FileFrameReader,
  MAX_FILE_QUESTIONS,
} from "../../../src/protocol/index.ts";
import type { TunnelStream } from "../../../src/tunnel/index.ts";

/** A stream whose other end the test is. */
class FakeStream {
  readonly asked: ReturnType<typeof decodeFileQuestion>[] = [];
  readonly #reader = new FileFrameReader((frame) => this.asked.push(decodeFileQuestion(frame)));
  hasRoom = true;
  ended = false;
  resetAs: string | undefined;
  consumedBytes = 0;

  get stream(): TunnelStream {
    const write = (chunk: Uint8Array): boolean => {
      this.#reader.push(chunk);
      return this.hasRoom;
    };
    const fake = {
      write,
      consumed: (bytes: number) => void (this.consumedBytes += bytes),
      end: () => (this.ended = true),
      reset: (code: string) => (this.resetAs = code),
    };
    return fake as unknown as TunnelStream; // Nothing else of it is used.
  }
}

function opened(): { questions: QuestionStream; fake: FakeStream; over: Error[] } {
  const over: Error[] = [];
  const fake = new FakeStream();
  const questions = new QuestionStream((why) => over.push(why));
  questions.start(fake.stream);
  return { questions, fake, over };
}

function answer<Ask extends FileAsk>(
  to: QuestionStream,
  id: number,
  ask: Ask,
  answer: FileAnswers[Ask],
): void {
  to.onData(encodeFileAnswer(id, ask, { errno: null, answer }));
}

void t.test(
  "answers find their questions in whatever order they come, and give their credit back",
  async (t) => {
    const { questions, fake } = opened();
    const reads = [1, 2, 3].map((handle) => questions.ask({ ask: "read", handle, offset: 0, length: 10 }));
    for (const { id, question } of fake.asked.toReversed())
      answer(questions, id, "read", {
        data: Buffer.from(`of ${"handle" in question ? question.handle : ""}`),
      });
    t.same(
      (await Promise.all(reads)).map(({ data }) => data.toString()),
      ["of 1", "of 2", "of 3"],
    );
    t.ok(fake.consumedBytes > 0);
  },
);

void t.test("no more questions are under way than the agent takes; the others wait their turn", async (t) => {
  const { questions, fake } = opened();
  const all = Array.from({ length: MAX_FILE_QUESTIONS + 5 }, () =>
    questions.ask({ ask: "flush", handle: 1 }),
  );
  t.equal(fake.asked.length, MAX_FILE_QUESTIONS);
  for (const { id } of [...fake.asked]) answer(questions, id, "flush", {});
  t.equal(fake.asked.length, MAX_FILE_QUESTIONS + 5);
  for (const { id } of fake.asked.slice(MAX_FILE_QUESTIONS)) answer(questions, id, "flush", {});
  await Promise.all(all);
});

void t.test("a stream that is full is not written to until it has drained", async (t) => {
  const { questions, fake } = opened();
  fake.hasRoom = false;
  const [first, second] = [1, 2].map((handle) => questions.ask({ ask: "flush", handle }));
  t.equal(fake.asked.length, 1);
  fake.hasRoom = true;
  questions.onDrain();
  t.equal(fake.asked.length, 2);
  for (const { id } of fake.asked) answer(questions, id, "flush", {});
  await Promise.all([first, second]);
});

void t.test(
  "a question that is given up fails with EINTR; what it opens nevertheless is closed",
  async (t) => {
    const { questions, fake } = opened();
    const giveUp = new AbortController();
    const asked = questions.ask(
      { ask: "open-directory", path: Buffer.alloc(0), maxBytes: 10 },
      { signal: giveUp.signal },
    );
    const id = fake.asked[0]?.id ?? -1;
    giveUp.abort();
    t.equal(await errnoOf(asked), "EINTR");
    t.match(fake.asked[1], { question: { ask: "cancel", id } });
    const time = { seconds: 0, nanoseconds: 0 };
    const none = { major: 0, minor: 0 };
    const attributes = {
      ...{ mode: 0, links: 1, user: 0, group: 0, inode: 1n, device: none, special: none, size: 0, blocks: 0 },
      ...{ blockBytes: 1, accessed: time, modified: time, changed: time },
    };
    answer(questions, id, "open-directory", { handle: 77, attributes, entries: [] });
    t.match(fake.asked[2], { question: { ask: "close", handle: 77 } });
    t.equal(await errnoOf(questions.ask({ ask: "flush", handle: 1 }, { signal: giveUp.signal })), "EINTR");
  },
);

void t.test("when the stream is over every question fails with EIO and says why, once", async (t) => {
  const { questions, over } = opened();
  const asked = questions.ask({ ask: "flush", handle: 1 });
  questions.onReset("refused", "no process runs there");
  await t.rejects(asked, { errno: "EIO", message: "no process runs there" });
  t.equal(await errnoOf(questions.ask({ ask: "flush", handle: 1 })), "EIO");
  await t.rejects(questions.welcome, { errno: "EIO", message: "no process runs there" });
  questions.close();
  t.equal(over.length, 1);
});

void t.test("an answer that nobody asked for, or that cannot be read, ends the stream", async (t) => {
  const wrong = [
    encodeFileAnswer(99, "flush", { errno: null, answer: {} }),
    Buffer.from([255, 255, 255, 255]),
    Buffer.concat([encodeFileAnswer(1, "write", { errno: null, answer: { written: 1 } }), Buffer.alloc(4)]),
  ];
  for (const bytes of wrong) {
    const { questions, fake } = opened();
    const asked = questions.ask({ ask: "flush", handle: 1 });
    questions.onData(bytes);
    await t.rejects(asked);
    t.match(fake.resetAs ?? "protocol-error", "protocol-error");
  }
});
