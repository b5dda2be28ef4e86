import t from "tap";
import { deadIn, leasesIn, removalText } from "../../iptables/src/iptables-leftovers.ts";

const saved = {
  nat: `*nat
:PREROUTING ACCEPT [0:0]
:MAGPIE-1_aa-PRE - [0:0]
:MAGPIE-1_aa-TO - [0:0]
:MAGPIE-2_bb-PRE - [0:0]
:MAGPIE-3_cc-TO - [0:0]
:MAGPIE-OTHER - [0:0]
-A PREROUTING -p tcp -j MAGPIE-2_bb-PRE
-A PREROUTING -p tcp -j MAGPIE-1_aa-PRE
-A MAGPIE-1_aa-PRE -p tcp -m time --datestop 2030-01-01T00:00:00 -j MAGPIE-1_aa-TO
-A MAGPIE-2_bb-PRE -p tcp -m time --datestop 2030-01-01T00:00:30 -j RETURN
COMMIT
`,
  filter: `*filter
:MAGPIE-1_aa-IN - [0:0]
-A INPUT -p tcp -m tcp --dport 15001 -j MAGPIE-1_aa-IN
COMMIT
`,
};

await t.test("finds each redirector's lease; its last second is part of it", async (t) => {
  t.strictSame(leasesIn(saved).get("1_aa"), { endsAtMs: Date.UTC(2030, 0, 1, 0, 0, 1) });
  t.strictSame([...leasesIn(saved).keys()].sort(), ["1_aa", "2_bb", "3_cc"]);
});

await t.test("calls dead only whose lease is over for more than the grace", async (t) => {
  t.strictSame(deadIn(saved, Date.UTC(2030, 0, 1, 0, 0, 3)), ["3_cc"]);
  t.strictSame(deadIn(saved, Date.UTC(2030, 0, 1, 0, 0, 10)), ["1_aa", "3_cc"]);
});

await t.test("removes jumps, then rules, then chains, and nothing of others", async (t) => {
  t.equal(
    removalText(saved, ["1_aa"]),
    `*nat
-D PREROUTING -p tcp -j MAGPIE-1_aa-PRE
-F MAGPIE-1_aa-PRE
-F MAGPIE-1_aa-TO
-X MAGPIE-1_aa-PRE
-X MAGPIE-1_aa-TO
COMMIT
*filter
-D INPUT -p tcp -m tcp --dport 15001 -j MAGPIE-1_aa-IN
-F MAGPIE-1_aa-IN
-X MAGPIE-1_aa-IN
COMMIT
`,
  );
  t.equal(removalText(saved, []), "");
});
