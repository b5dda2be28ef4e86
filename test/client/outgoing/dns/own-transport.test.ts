import t from "tap";
import { ownTransport } from "../../../../src/client/outgoing/dns/own-transport.ts";
import { isAnswerTo } from "../../../../src/client/outgoing/dns/answer.ts";
import { readQuery } from "../../../../src/client/outgoing/dns/query.ts";
import { FakeNameServer } from "./fake-name-server.ts";
import { a, answerTo, query } from "./messages.ts";

const asked = query("redis");
const read = readQuery(asked);
const isAnswer = (message: Buffer) => read !== undefined && isAnswerTo(read, message);
const right = answerTo(asked, { answer: [a("@", "10.0.0.1")] });

void t.test("a question goes as it is, and what is not its answer is thrown away", async (t) => {
  await using server = await FakeNameServer.open((asked) => [
    Buffer.from("garbage"),
    asked,
    answerTo(query("redis", "A", { id: 0x4321 }), { answer: [a("@", "6.6.6.6")] }),
    right,
  ]);
  for (const via of ["udp", "tcp"] as const) {
    const { signal } = new AbortController();
    t.same(await ownTransport({ server: server.endpoint, query: asked, via, isAnswer, signal }), right, via);
  }
  t.same(server.asked, [asked, asked]);
});

void t.test("who is not there is known at once", async (t) => {
  const server = await FakeNameServer.open(() => undefined);
  await server[Symbol.asyncDispose]();
  for (const via of ["udp", "tcp"] as const) {
    const { signal } = new AbortController();
    const question = { server: server.endpoint, query: asked, via, isAnswer, signal };
    await t.rejects(ownTransport(question), { code: "ECONNREFUSED" }, via);
  }
});

void t.test(
  "who does not wait any more has its reason, and a server that hangs up is an error",
  async (t) => {
    await using server = await FakeNameServer.open(() => undefined);
    for (const via of ["udp", "tcp"] as const) {
      const over = new AbortController();
      const answered = ownTransport({
        server: server.endpoint,
        query: asked,
        via,
        isAnswer,
        signal: over.signal,
      });
      over.abort();
      await t.rejects(answered, { name: "AbortError" }, via);
      await t.rejects(
        ownTransport({ server: server.endpoint, query: asked, via, isAnswer, signal: over.signal }),
        { name: "AbortError" },
        "one that came too late",
      );
    }
  },
);
