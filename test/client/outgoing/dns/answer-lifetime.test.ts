import t from "tap";
import { answerLifetime } from "../../../../src/client/outgoing/dns/answer-lifetime.ts";
import { readQuestion } from "../../../../src/client/outgoing/dns/query.ts";
import { a, answerTo, cname, query, soa } from "./messages.ts";

function seconds(...sections: Parameters<typeof answerTo>[1][]): number | undefined {
  const asked = query("www.example");
  const question = readQuestion(asked);
  return question && answerLifetime(question, answerTo(asked, sections[0]))?.seconds;
}

void t.test("an answer lives as long as its first record", async (t) => {
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 30), a("@", "10.0.0.2", 20)] }), 20);
  t.equal(seconds({ answer: [cname("@", "b.example", 5), a("b.example", "10.0.0.1", 30)] }), 5);
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 30)], authority: [soa("example", 1, 10)] }), 10);
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 1_000_000)] }), 86_400, "at most a day");
  const option = { name: "", type: 41, ttl: 0, data: Buffer.alloc(0) };
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 30)], additional: [option] }), 30, "OPT has no TTL");
});

void t.test("RFC 2308 §5: that there is nothing lives as the zone's SOA says", async (t) => {
  t.equal(seconds({ code: 3, authority: [soa("example", 30, 60)] }), 30);
  t.equal(seconds({ code: 3, authority: [soa("example", 60, 30)] }), 30);
  t.equal(seconds({ authority: [soa("example", 7, 60)] }), 7, "no record of this type");
  t.equal(seconds({ answer: [cname("@", "b.example", 50)], authority: [soa("example", 7, 60)] }), 7);
  t.equal(seconds({ code: 3, authority: [soa("example", 100_000, 100_000)] }), 10_800, "at most three hours");
});

void t.test("what failed, is cut, may not be kept or cannot be read is not kept", async (t) => {
  t.equal(seconds({ code: 2 }), undefined);
  t.equal(seconds({ code: 5 }), undefined);
  t.equal(seconds({ flags: 0x0200, answer: [a("@", "10.0.0.1")] }), undefined, "TC");
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 0)] }), undefined);
  t.equal(seconds({ answer: [a("@", "10.0.0.1", 0x8000_0000)] }), undefined, "RFC 2181 §8");
  t.equal(seconds({ code: 3 }), undefined, "no SOA");
  t.equal(seconds({ answer: [cname("@", "b.example")] }), undefined, "an alias of nothing");
  t.equal(
    seconds({ authority: [{ name: "example", type: "NS", data: Buffer.of(0) }] }),
    undefined,
    "a referral",
  );
  t.equal(seconds({ code: 3, authority: [{ ...soa("example", 30), data: Buffer.alloc(30) }] }), undefined);
  const option = { name: "", type: 41, ttl: 0x0100_0000, data: Buffer.alloc(0) };
  t.equal(seconds({ answer: [a("@", "10.0.0.1")], additional: [option] }), undefined, "BADVERS and the like");
});
