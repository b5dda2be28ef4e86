import t from "tap";
import { foundAddresses } from "../../../../src/client/outgoing/dns/found-addresses.ts";
import { behindAlias, withAliases } from "../../../../src/client/outgoing/dns/loopback-alias.ts";
import { a, aaaa, answerTo, query } from "./messages.ts";

function told(answer: Buffer): string[] {
  return foundAddresses(withAliases(answer)).map(({ address }) => address);
}

void t.test(
  "a loopback address of this machine is told of as another, and found again behind it",
  async (t) => {
    const four = answerTo(query("x"), {
      answer: [a("@", "127.0.0.1"), a("@", "127.0.3.4"), a("@", "10.0.0.1")],
    });
    t.same(told(four), ["127.77.0.1", "127.77.3.4", "10.0.0.1"]);
    t.same(told(four).map(behindAlias), ["127.0.0.1", "127.0.3.4", "10.0.0.1"]);
    const six = answerTo(query("x", "AAAA"), {
      answer: [
        aaaa("@", "00000000000000000000000000000001"),
        aaaa("@", "00000000000000000000ffff7f000001"),
        aaaa("@", "fd000000000000000000000000000001"),
      ],
    });
    t.same(told(six).map(behindAlias), ["::1", "127.0.0.1", "fd00::1"]);
    t.equal(behindAlias("::ffff:127.78.0.1"), "::1", "as a socket of IPv6 names it");
  },
);

void t.test("an answer in which nothing is changed stays the same one", async (t) => {
  const answer = answerTo(query("x"), { answer: [a("@", "10.0.0.1"), a("@", "127.1.0.1")] });
  t.equal(withAliases(answer), answer);
  const loopback = answerTo(query("x"), { answer: [a("@", "127.0.0.1")] });
  const before = Buffer.from(loopback);
  withAliases(loopback);
  t.same(loopback, before, "and one in which something is, is copied");
});
