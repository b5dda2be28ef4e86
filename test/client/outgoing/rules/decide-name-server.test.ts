import t from "tap";
import { decideNameServer, outgoingRules } from "../../../../src/client/outgoing/rules/index.ts";

function where(rules: readonly string[], isPods: boolean): string {
  const server = { address: "10.96.0.10", port: 53, names: [], isPods };
  return decideNameServer(outgoingRules(rules, []), server).where;
}

void t.test("a rule for the network of the pod's name servers is not about names", async (t) => {
  const cases: [rules: string[], pods: string, anothers: string][] = [
    [[], "remote", "remote"],
    [["local:10.0.0.0/8"], "remote", "local"],
    [["local:10.0.0.0/8:53"], "local", "local"],
    [["local:10.96.0.10"], "local", "local"],
    [["local:udp://*:53"], "local", "local"],
    [["local:tcp://*:53"], "remote", "remote"],
    [["local:*:443"], "remote", "remote"],
    [["remote:*:53", "local:*"], "remote", "remote"],
  ];
  for (const [rules, pods, anothers] of cases)
    t.same([where(rules, true), where(rules, false)], [pods, anothers], rules.join(" "));
});
