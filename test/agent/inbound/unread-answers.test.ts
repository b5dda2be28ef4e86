import t from "tap";
import { type SlowAnswer, UnreadAnswers } from "../../../src/agent/inbound/unread-answers.ts";

class Answer implements SlowAnswer {
  abandoned = 0;
  abandon(): void {
    this.abandoned++;
  }
}

void t.test(
  "above the limit the answer that has not moved for longest is given up, nobody else",
  async (t) => {
    const answers = new UnreadAnswers(100);
    const [stuck, slow, quick] = [new Answer(), new Answer(), new Answer()];
    answers.add(stuck, 40);
    answers.add(slow, 40);
    answers.add(quick, 20);
    answers.taken(slow, 1);
    answers.taken(quick, 20);
    answers.add(stuck, 1);
    t.equal(answers.bytes, 80);
    answers.add(quick, 21);
    t.same([stuck.abandoned, slow.abandoned, quick.abandoned], [1, 0, 0]);
    t.equal(answers.bytes, 60);
  },
);

void t.test("what is over is not counted, and may be told so twice", async (t) => {
  const answers = new UnreadAnswers(10);
  const answer = new Answer();
  answers.add(answer, 10);
  answers.forget(answer);
  answers.forget(answer);
  answers.taken(answer, 10);
  t.equal(answers.bytes, 0);
  answers.add(answer, 11);
  t.equal(answer.abandoned, 1, "one alone may be too much");
  t.equal(answers.bytes, 0);
});

void t.test("each session has its own", async (t) => {
  const [one, other] = [{}, {}];
  t.equal(UnreadAnswers.of(one), UnreadAnswers.of(one));
  t.not(UnreadAnswers.of(one), UnreadAnswers.of(other));
});
