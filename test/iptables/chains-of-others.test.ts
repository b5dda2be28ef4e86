import t from "tap";
import { otherChainsIn } from "../../iptables/src/chains-of-others.ts";

void t.test("chains of others in prerouting are named with their table, ours are not", (t) => {
  const listing = `table ip nat {
\tchain PREROUTING {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t}
\tchain ISTIO_INBOUND {
\t}
\tchain OUTPUT {
\t\ttype nat hook output priority -100; policy accept;
\t}
}
table inet magpie_7_ab12cd {
\tchain prerouting {
\t\ttype filter hook prerouting priority mangle; policy accept;
\t}
}
table inet cilium {
\tchain early {
\t\ttype filter hook prerouting priority -300; policy accept;
\t}
}
`;
  t.same(otherChainsIn(listing), ["table ip nat, chain PREROUTING", "table inet cilium, chain early"]);
  t.end();
});
