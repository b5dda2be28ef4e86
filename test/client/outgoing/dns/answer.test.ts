import t from "tap";
import {
  addressAnswer,
  failure,
  isAnswerTo,
  isTruncated,
  readdressed,
  responseCode,
  truncated,
} from "../../../../src/client/outgoing/dns/answer.ts";
import { foundAddresses } from "../../../../src/client/outgoing/dns/found-addresses.ts";
import { type Query, readQuery } from "../../../../src/client/outgoing/dns/query.ts";
import { readRecords } from "../../../../src/client/outgoing/dns/records.ts";
import { a, answerTo, query, words } from "./messages.ts";

function asked(...args: Parameters<typeof query>): Query {
  const read = readQuery(query(...args));
  if (read === undefined) throw new Error("no query");
  return read;
}

void t.test("an answer is to the question that was asked, by its id and all of it", async (t) => {
  const redis = asked("redis", "A", { id: 1 });
  const isAnswer = (message: Buffer) => isAnswerTo(redis, message);
  t.ok(isAnswer(answerTo(redis.message, { answer: [a("@", "10.0.0.1")] })));
  t.ok(isAnswer(answerTo(query("rEdIs", "A", { id: 1 }))), "in any case of letters");
  t.notOk(isAnswer(answerTo(query("redis", "A", { id: 2 }))));
  t.notOk(isAnswer(answerTo(query("redit", "A", { id: 1 }))));
  t.notOk(isAnswer(answerTo(query("redis", "AAAA", { id: 1 }))));
  t.notOk(isAnswer(redis.message), "the question itself");
  t.notOk(isAnswer(Buffer.alloc(5)));
  t.notOk(isAnswer(answerTo(redis.message, { flags: 0x0800 })), "another opcode");
  t.ok(isAnswer(words(1, 0x8181, 0, 0, 0, 0)), "FORMERR has no question");
  t.notOk(isAnswer(words(1, 0x8180, 0, 0, 0, 0)), "an answer must have one");
});

void t.test("an answer goes to another asker with that one's id and spelling", async (t) => {
  const answer = answerTo(query("redis.example", "A", { id: 1 }), { answer: [a("@", "10.0.0.1")] });
  const copy = readdressed(answer, asked("ReDiS.example", "A", { id: 2 }));
  t.equal(copy.readUInt16BE(0), 2);
  t.equal(copy.toString("latin1", 13, 18), "ReDiS");
  t.equal(answer.readUInt16BE(0), 1, "the first one is as it was");
  t.same(copy.subarray(31), answer.subarray(31));
});

void t.test("answers of our own have the asker's question, flags and EDNS", async (t) => {
  const plain = failure(asked("x", "TXT", { id: 9 }), 2);
  t.equal(responseCode(plain), 2);
  t.same(plain, Buffer.concat([words(9, 0x8182, 1, 0, 0, 0), query("x", "TXT").subarray(12)]));
  const edns = truncated(asked("x", "A", { ednsBytes: 4096, dnssecOk: true }));
  t.ok(isTruncated(edns));
  t.match(readRecords(edns), [{ type: 41, class: 1232 }]);
  t.equal(edns.readUInt32BE(edns.length - 6), 0x8000);
  const query4 = asked("redis");
  const found = addressAnswer(query4, [Buffer.of(10, 0, 0, 1), Buffer.of(10, 0, 0, 2)]);
  t.same(
    foundAddresses(found).map(({ address, names }) => [address, ...names]),
    [
      ["10.0.0.1", "redis"],
      ["10.0.0.2", "redis"],
    ],
  );
  t.ok(isAnswerTo(query4, found));
  t.same(readRecords(addressAnswer(query4, [])), [], "none of that family");
});
