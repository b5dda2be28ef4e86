import t from "tap";
import { isAnswerTo } from "../../../../src/client/outgoing/dns/answer.ts";
import { podTransport } from "../../../../src/client/outgoing/dns/index.ts";
import { readQuery } from "../../../../src/client/outgoing/dns/query.ts";
import { encodeClientOpening } from "../../../../src/protocol/index.ts";
import { OutgoingStage } from "../outgoing-stage.ts";
import { FakeNameServer } from "./fake-name-server.ts";
import { a, answerTo, query } from "./messages.ts";

const asked = query("redis");
const read = readQuery(asked);
const isAnswer = (message: Buffer) => read !== undefined && isAnswerTo(read, message);
const right = answerTo(asked, { answer: [a("@", "10.0.0.1")] });

void t.test("a question leaves from the pod, and what is not its answer is thrown away", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  const ask = podTransport((opening, events) => stage.client.open(encodeClientOpening(opening), events));
  await using server = await FakeNameServer.open((asked) => [asked, Buffer.from("garbage"), right]);
  const { signal } = new AbortController();
  for (const via of ["udp", "tcp"] as const)
    t.same(await ask({ server: server.endpoint, query: asked, via, isAnswer, signal }), right, via);
  t.same(server.asked, [asked, asked]);
});

void t.test("who is not there is known at once, and who does not wait any more has its reason", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  const ask = podTransport((opening, events) => stage.client.open(encodeClientOpening(opening), events));
  await using silent = await FakeNameServer.open(() => undefined);
  const nobody = await FakeNameServer.open(() => undefined);
  await nobody[Symbol.asyncDispose]();
  for (const via of ["udp", "tcp"] as const) {
    const { signal } = new AbortController();
    const question = { query: asked, via, isAnswer };
    await t.rejects(ask({ ...question, server: nobody.endpoint, signal }), /ECONNREFUSED/, via);
    const over = new AbortController();
    const answered = ask({ ...question, server: silent.endpoint, signal: over.signal });
    over.abort();
    await t.rejects(answered, { name: "AbortError" }, via);
  }
});
