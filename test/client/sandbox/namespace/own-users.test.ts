import t from "tap";
import { needsOwnUsers } from "../../../../src/client/sandbox/namespace/own-users.ts";

void t.test("capabilities(7): all three are needed to do without a user namespace", async (t) => {
  const status = (effective: string): string => {
    const directory = t.testdir({
      status: `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${effective}\n`,
    });
    return `${directory}/status`;
  };
  t.equal(needsOwnUsers(status("000001ffffffffff")), false);
  t.equal(needsOwnUsers(status("0000000000203000")), false);
  t.equal(needsOwnUsers(status("0000000000000000")), true);
  t.equal(needsOwnUsers(status("00000000a80425fb")), true, "root of a container");
  t.equal(needsOwnUsers(status("0000000000201000")), true, "without CAP_NET_RAW");
});
