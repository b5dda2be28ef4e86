import t from "tap";
import { findTools, whatIsMissing } from "../../../../src/client/sandbox/namespace/tools.ts";

void t.test(
  "programs are found in the directories of a PATH, in order, and never in the working directory",
  async (t) => {
    const directory = t.testdir({ bin: {}, sbin: {} });
    t.same(findTools(`${directory}/bin::.`), {
      unshare: undefined,
      nsenter: undefined,
      ip: undefined,
      nft: undefined,
    });
    const found = findTools();
    t.match(found.unshare, /\/unshare$/);
    t.match(found.nft, /\/nft$/);
    t.equal(whatIsMissing(found), undefined);
  },
);

void t.test("what is missing is told once for each package", async (t) => {
  const all = { unshare: undefined, nsenter: undefined, ip: "/sbin/ip", nft: undefined };
  t.same(whatIsMissing(all), { programs: "unshare, nsenter, nft", packages: "util-linux, nftables" });
});
