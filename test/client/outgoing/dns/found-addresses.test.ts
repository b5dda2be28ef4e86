import t from "tap";
import { foundAddresses } from "../../../../src/client/outgoing/dns/found-addresses.ts";
import { Random } from "../../../filters/random.ts";
import { a, aaaa, answerTo, cname, query, wireName, words } from "./messages.ts";

function found(answer: Buffer) {
  return foundAddresses(answer).map(({ address, names }) => [address, ...names].join(" "));
}

void t.test("an address has the name that was asked for, and those that stand for it", async (t) => {
  const asked = query("WWW.example");
  t.same(found(answerTo(asked, { answer: [a("@", "10.0.0.1"), a("@", "10.0.0.2")] })), [
    "10.0.0.1 www.example",
    "10.0.0.2 www.example",
  ]);
  const chain = [cname("@", "B.example"), cname("b.example", "c.example"), a("c.example", "10.0.0.1")];
  t.same(found(answerTo(asked, { answer: chain })), ["10.0.0.1 www.example b.example c.example"]);
  const six = answerTo(query("x", "AAAA"), { answer: [aaaa("@", "fd000000000000000000000000000001")] });
  t.same(found(six), ["fd00::1 x"]);
});

void t.test("what was not asked for has no name, unless the answer is to tell of others", async (t) => {
  const stranger = [a("@", "10.0.0.1"), a("bank.example", "10.0.0.2")];
  t.same(found(answerTo(query("x"), { answer: stranger, additional: [a("bank.example", "10.0.0.3")] })), [
    "10.0.0.1 x",
  ]);
  const target = {
    name: "@",
    type: "SRV",
    data: Buffer.concat([words(0, 0, 80), wireName("node1.example")]),
  } as const;
  const srv = answerTo(query("_db._tcp.example", "SRV"), {
    answer: [target],
    additional: [a("node1.example", "10.0.0.4")],
  });
  t.same(found(srv), ["10.0.0.4 node1.example"]);
});

void t.test("aliases in a circle, failures and garbage give nothing", async (t) => {
  const asked = query("x");
  const circle = [cname("@", "y"), cname("y", "x"), a("z", "10.0.0.1")];
  t.same(found(answerTo(asked, { answer: circle })), []);
  t.same(found(answerTo(asked, { code: 3, answer: [a("@", "10.0.0.1")] })), []);
  t.same(found(answerTo(asked, { answer: [{ ...a("@", "10.0.0.1"), data: Buffer.alloc(3) }] })), []);
  const random = new Random(5);
  const whole = answerTo(asked, { answer: [cname("@", "y"), a("y", "10.0.0.1"), a("@", "10.0.0.2")] });
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(whole.subarray(0, 12 + random.below(whole.length - 11)));
    for (let flips = random.below(5); flips > 0; flips--)
      bytes[random.below(bytes.length)] = random.below(256);
    foundAddresses(bytes);
  }
});

void t.test("the longest message of pointers takes no long time", async (t) => {
  // 64 KB of records, each of whose names leads through the longest chain that a name can have.
  const labels = Buffer.concat([
    Buffer.alloc(0),
    ...Array.from({ length: 120 }, () => Buffer.of(1, 97)),
    Buffer.of(0),
  ]);
  const question = Buffer.concat([labels, words(1, 1)]);
  const record = Buffer.concat([words(0xc00c, 5, 1, 0, 60, 2, 0xc00c)]);
  const count = Math.floor((65_535 - 12 - question.length) / record.length);
  const message = Buffer.concat([
    words(1, 0x8180, 1, count, 0, 0),
    question,
    ...Array<Buffer>(count).fill(record),
  ]);
  const begin = process.cpuUsage();
  t.same(found(message), []);
  const { user } = process.cpuUsage(begin);
  t.ok(user < 1_000_000, `${user} µs`);
});
