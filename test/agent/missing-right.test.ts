import t from "tap";
import { missingRight, ownStatus } from "../../src/agent/missing-right.ts";

const status = (set: { eff: string; bnd: string; restrained?: boolean }): string =>
  `Name:\tnode\nCapEff:\t${set.eff}\nCapBnd:\t${set.bnd}\nNoNewPrivs:\t${set.restrained ? 1 : 0}\n`;
const none = "0000000000000000";
const netAdmin = "0000000000001000";

void t.test("what is missing is told by where it got lost", async (t) => {
  t.match(missingRight(status({ eff: none, bnd: none })), /capabilities\.add/);
  t.match(missingRight(status({ eff: none, bnd: "00000000fffffeff" })), /not to this user/);
  t.match(missingRight(status({ eff: none, bnd: netAdmin, restrained: true })), /runAsUser: 0/);
  t.match(missingRight(status({ eff: netAdmin, bnd: netAdmin })), /nft or iptables/);
});

void t.test("the status of this process can be read", async (t) => {
  t.type(missingRight(ownStatus()), "string");
});
