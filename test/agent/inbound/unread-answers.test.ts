import t from "tap";
import type { ScriptedStream } from "./scripted-session.ts";
import { InboundStage } from "./inbound-stage.ts";
import { type SlowAnswer, UnreadAnswers, UnreadPlace } from "../../../src/agent/inbound/unread-answers.ts";

class Answer implements SlowAnswer {
  readonly unread = new UnreadPlace();
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

for (const steal of ["header(x-user) == ann", "everything"])
  void t.test(`callers who read nothing leave room for one who does (${steal})`, async (t) => {
    await using stage = await InboundStage.start({ steal });
    const isHttp = steal !== "everything";
    const ask = async () => {
      const client = await stage.connect();
      client.send(
        isHttp ? "GET / HTTP/1.1\r\nHost: pod\r\nX-User: ann\r\n\r\n" : "\x00\x01 no protocol of ours",
      );
      const local = (await stage.session.next()).accept();
      if (isHttp) local.respond("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
      return { client, local };
    };
    const stalled: { local: ScriptedStream }[] = [];
    // What the kernel takes does not wait here.
    const isFull = () => stalled.some(({ local }) => local.said.at(-1)?.startsWith("reset") === true);
    while (!isFull() && stalled.length < 40) {
      const { client, local } = await ask();
      client.socket.pause();
      for (let bytes = 0; bytes < 8 << 20; bytes += 65_536) local.data(Buffer.alloc(65_536, "l"));
      stalled.push({ local });
    }
    t.match(stalled[0]?.local.said.at(-1), /others need the room/, "the first one has not moved for longest");
    t.equal(stalled.filter(({ local }) => local.said.at(-1)?.startsWith("reset") === true).length, 1);
    const { client, local } = await ask();
    local.data("hello");
    await client.got("hello");
  });
