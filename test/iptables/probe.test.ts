import { probe } from "nftables-js";
import t from "tap";
import { reportOf } from "../../iptables/src/probe.ts";
import { makePodNetwork } from "./fixtures/pod-network.ts";
import { leftovers } from "./fixtures/redirector-compliance.ts";

const options = { listenerPort4: 15001, listenerPort6: 15001, upstreamMark: 7 };

await t.test("tries all backends for real, picks tproxy, and leaves nothing", async (t) => {
  await using network = await makePodNetwork();
  const pristine = await leftovers(network);
  const report = await probe({ ...options, commandPrefix: network.pod });
  t.strictSame(
    report.backends.map(({ backend, verdict }) => [backend, verdict]),
    [
      ["tproxy", "usable"],
      ["redirect", "usable"],
      ["iptables", "usable"],
    ],
  );
  t.match(report, { picked: "tproxy", reason: /best/ });
  t.equal(await leftovers(network), pristine);
});

await t.test("says in words what is missing", async (t) => {
  const commandPrefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  const report = await probe({ ...options, commandPrefix });
  t.equal(report.picked, undefined);
  for (const { backend, verdict, reason } of report.backends) {
    t.equal(verdict, "unusable", backend);
    t.match(reason, /CAP_NET_ADMIN/);
  }
});

await t.test("explains the choice by what is not usable before it", async (t) => {
  const report = reportOf([
    { backend: "tproxy", verdict: "unusable", reason: "no nft_tproxy" },
    { backend: "redirect", verdict: "usable", reason: "accepted" },
  ]);
  t.match(report, { picked: "redirect", reason: "tproxy is not usable: no nft_tproxy" });
});
