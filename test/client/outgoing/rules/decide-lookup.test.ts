import t from "tap";
import { decideLookup } from "../../../../src/client/outgoing/rules/decide-lookup.ts";
import { outgoingRules } from "../../../../src/client/outgoing/rules/outgoing-rules.ts";

const search = ["default.svc.cluster.local"];

void t.test("the first rule that names a name decides who is asked for it", async (t) => {
  const cases: [rules: string[], name: string, where: string][] = [
    [[], "redis", "remote"],
    [["local:redis"], "redis", "local"],
    [["local:redis"], "ReDiS.default.svc.cluster.local", "local"],
    // Port and protocol of what comes behind are not known yet.
    [["local:redis:6379"], "redis", "local"],
    [["local:udp://redis"], "redis", "local"],
    [["remote:redis:6379", "local:redis"], "redis", "remote"],
    [["local:*.corp.example"], "db.corp.example", "local"],
    [["local:*"], "anything", "local"],
    [["remote:redis", "local:*"], "redis", "remote"],
    // That names no host, and would take all of them.
    [["local:*:443"], "redis", "remote"],
    [["local:udp://*:53"], "redis", "remote"],
    [["local:tcp://*"], "redis", "remote"],
    // An address is not known yet, but for the question for its name.
    [["local:10.0.0.0/8"], "redis", "remote"],
    [["local:10.0.0.0/8"], "3.2.1.10.in-addr.arpa", "local"],
    [["local:10.0.0.0/8"], "3.2.1.11.in-addr.arpa", "remote"],
    [["local:10.0.0.0/8"], "10.in-addr.arpa", "remote"],
    [["local:fd00::/8"], `${"0.".repeat(30)}d.f.ip6.arpa`, "local"],
    [["local:fd00::/8"], `${"0.".repeat(30)}d.e.ip6.arpa`, "remote"],
    [["local:unix:/**"], "redis", "remote"],
  ];
  for (const [rules, name, where] of cases)
    t.equal(decideLookup(outgoingRules(rules, search), name).where, where, `${rules.join(" ")}: ${name}`);
});

void t.test("it says what the name is without the pod's search domain, where that decided", async (t) => {
  const decided = decideLookup(outgoingRules(["local:redis"], search), "redis.default.svc.cluster.local");
  t.equal(decided.short, "redis");
  t.equal(
    decided.because,
    "the rule local:redis names redis, which this is in the pod's search domain default.svc.cluster.local",
  );
  t.equal(decideLookup(outgoingRules(["local:redis"], search), "redis").short, undefined);
});
