import t from "tap";
import { explainFlow } from "../../../../src/client/outgoing/rules/explain-flow.ts";
import { outgoingRules } from "../../../../src/client/outgoing/rules/outgoing-rules.ts";
import { parseAskedFlow } from "../../../../src/client/outgoing/rules/parse-asked-flow.ts";

function explain(asked: string, ...rules: string[]): string[] {
  return [...explainFlow(outgoingRules(rules), parseAskedFlow(asked), asked).sentences];
}

void t.test("it says where a flow leads, who is asked for the name, and why", async (t) => {
  t.same(explain("redis:6379"), [
    "redis:6379 leaves from the pod: no rule names it, and what no rule names leaves from the pod.",
    "Its name is looked up by the pod's name servers: no rule names it, and what no rule names is looked up in the pod.",
  ]);
  t.same(explain("redis:6379", "local:redis:6379"), [
    "redis:6379 leaves from this machine: the rule local:redis:6379 names redis at port 6379.",
    "Its name is looked up by this machine's name servers: the rule local:redis:6379 names redis.",
  ]);
  t.match(explain("redis:80", "local:redis:6379")[0], /only name servers of this machine/);
  t.same(explain("10.1.2.3", "local:10.0.0.0/8").length, 1, "an address has no name to look up");
});

void t.test("what is not known is told with what would depend on it", async (t) => {
  const sentences = explain(
    "10.1.2.3",
    "local:10.0.0.0/8:80",
    "local:udp://*",
    "local:*.example",
    "remote:10.1.2.3",
    "local:10.1.0.0/16",
  );
  t.same(sentences, [
    "10.1.2.3 leaves from the pod: the rule remote:10.1.2.3 names this address.",
    "If the port is 80, it leaves from this machine: the rule local:10.0.0.0/8:80 comes first.",
    "If it is UDP, it leaves from this machine: the rule local:udp://* comes first.",
    "If the program has found this address under a name like *.example, it leaves from this machine: the rule local:*.example comes first.",
  ]);
  t.match(
    explain("redis", "local:10.0.0.0/8")[1],
    /^If its address is in 10\.0\.0\.0\/8, it leaves from this machine/,
  );
  t.match(
    explain("redis", "local:redis.default.svc.cluster.local")[1],
    /^If default\.svc\.cluster\.local is one of the pod's search domains, it leaves from this machine/,
  );
  t.same(explain("redis:80", "remote:10.0.0.0/8").length, 2, "what changes nothing is left out");
});

void t.test("of a built-in rule it says how to beat it", async (t) => {
  const asked = "unix:/run/systemd/resolve/io.systemd.Resolve";
  const [first, way] = explain(asked);
  t.match(
    first,
    /is not there for the program \(ENOENT\): a built-in rule names this path, since it belongs/,
  );
  t.equal(way, "--outgoing local:unix:/run/systemd/resolve/** opens it to the program.");
  t.match(explain(asked, "local:unix:/run/systemd/resolve/**")[0], /leaves from this machine/);
});

void t.test(
  "a rule about the pod's name server counts for names that no rule names, and for where they lead",
  async (t) => {
    t.same(explain("api:80", "local:udp://*"), [
      "api:80 leaves from this machine: no rule names it, but only name servers of this machine have given its address.",
      "Its name is looked up by this machine's name servers: for its name server, the rule local:udp://* takes every host over UDP.",
    ]);
    t.same(explain("tcp://api:80", "local:udp://10.96.0.10"), [
      "tcp://api:80 leaves from the pod: no rule names it, and what no rule names leaves from the pod.",
      "If the pod's name server's address is 10.96.0.10, it leaves from this machine: the rule local:udp://10.96.0.10 comes first.",
      "Its name is looked up by the pod's name servers: no rule names it, and what no rule names is looked up in the pod.",
      "If the pod's name server's address is 10.96.0.10, it is looked up by this machine's name servers: the rule local:udp://10.96.0.10 comes first.",
    ]);
  },
);
