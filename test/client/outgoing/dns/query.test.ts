import t from "tap";
import { readQuery, udpRoom } from "../../../../src/client/outgoing/dns/query.ts";
import { Random } from "../../../filters/random.ts";
import { a, answerTo, query, words } from "./messages.ts";

void t.test("a query says what it asks, and how much it takes", async (t) => {
  const plain = readQuery(query("Redis.example", "SRV", { id: 7 }));
  t.match(plain, { id: 7, opcode: 0, question: { name: "redis.example", type: 33, class: 1 } });
  t.equal(plain?.edns, undefined);
  t.equal(plain && udpRoom(plain), 512);
  const edns = readQuery(query("x", "A", { ednsBytes: 1232, dnssecOk: true }));
  t.same(edns?.edns, { udpBytes: 1232, dnssecOk: true });
  const small = readQuery(query("x", "A", { ednsBytes: 100 }));
  t.equal(small && udpRoom(small), 512, "RFC 6891 §6.2.5: less than 512 is 512");
});

void t.test("only who says nothing of itself can be given the answer of another", async (t) => {
  const isImpersonal = (message: Buffer) => readQuery(message)?.isImpersonal;
  t.equal(isImpersonal(query("x")), true);
  t.equal(isImpersonal(query("x", "A", { ednsBytes: 1232 })), true);
  t.equal(
    isImpersonal(query("x", "A", { ednsBytes: 1232, ednsOptions: Buffer.alloc(12) })),
    false,
    "a cookie",
  );
  const signed = answerTo(query("x"), { additional: [{ name: "key", type: 250, data: Buffer.alloc(8) }] });
  signed.writeUInt16BE(0x0100, 2);
  t.equal(isImpersonal(signed), false, "a signature (RFC 8945)");
  const cut = query("x", "A", { ednsBytes: 1232 });
  t.equal(isImpersonal(cut.subarray(0, cut.length - 3)), false, "what is not whole");
});

void t.test("an answer, and what is too short, is no query", async (t) => {
  t.equal(readQuery(answerTo(query("x"), { answer: [a("@", "10.0.0.1")] })), undefined);
  t.equal(readQuery(Buffer.alloc(11)), undefined);
  t.match(readQuery(words(7, 0x0100, 0, 0, 0, 0)), { id: 7, question: undefined });
  t.match(readQuery(Buffer.concat([words(7, 0x0100, 2, 0, 0, 0), query("x").subarray(12)])), {
    question: undefined,
  });
});

void t.test("whatever bytes there are, reading ends and throws nothing", async (t) => {
  const random = new Random(9);
  const whole = query("a.b.example", "A", { ednsBytes: 1232 });
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(whole.subarray(0, random.below(whole.length + 1)));
    for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--)
      bytes[random.below(bytes.length)] = random.below(256);
    readQuery(bytes);
  }
  t.pass();
});
