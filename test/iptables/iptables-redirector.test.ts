import { openRedirector } from "nftables-js";
import t from "tap";
import { makePodNetwork } from "./fixtures/pod-network.ts";

for (const iptablesVariant of ["nft", "legacy"] as const)
  await t.test(`${iptablesVariant}: tells when somebody removed our rules`, async (t) => {
    await using network = await makePodNetwork();
    const { redirector } = await openRedirector({
      backend: "iptables",
      iptablesVariant,
      listenerPort4: 15001,
      upstreamMark: 7,
      commandPrefix: network.pod,
    });
    await redirector.setPorts([80]);
    await redirector.renew();
    const lost = new Promise<Error>((resolve) => redirector.onLost(resolve));
    await network.inPod(`iptables-${iptablesVariant} -t nat -F PREROUTING`);
    await t.rejects(redirector.renew(), { code: "rules-gone" });
    t.match(await lost, { code: "rules-gone" });
    await t.rejects(redirector.setPorts([81]), { code: "rules-gone" });
    redirector.onLost((error) => t.match(error, { code: "rules-gone" }, "who asks late is told at once"));
    await redirector.close();
    t.notMatch(await network.inPod(`iptables-${iptablesVariant}-save`), /MAGPIE/);
  });

await t.test("without a listener for IPv6, ip6tables is left alone", async (t) => {
  await using network = await makePodNetwork();
  await using redirector = (
    await openRedirector({
      backend: "iptables",
      listenerPort4: 15001,
      upstreamMark: 7,
      commandPrefix: network.pod,
    })
  ).redirector;
  await redirector.setPorts([80]);
  t.match(await network.inPod("iptables-save"), /--dport 80 -j REDIRECT --to-ports 15001/);
  t.notMatch(await network.inPod("ip6tables-save"), /MAGPIE/);
});
