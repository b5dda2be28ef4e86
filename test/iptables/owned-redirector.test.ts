import { openRedirector } from "nftables-js";
import t from "tap";
import { makePodNetwork } from "./fixtures/pod-network.ts";

for (const backend of ["tproxy", "redirect"] as const) {
  await t.test(`${backend}: tells when nft died, and refuses from then on`, async (t) => {
    await using network = await makePodNetwork();
    const { redirector, session } = await openRedirector({
      backend,
      listenerPort4: 15001,
      upstreamMark: 7,
      commandPrefix: network.pod,
    });
    await redirector.setPorts([80]);
    const lost = new Promise<Error>((resolve) => redirector.onLost(resolve));
    process.kill(session?.pid ?? 0, "SIGKILL");
    t.match(await lost, { code: "exited" });
    await t.rejects(redirector.renew(), { code: "exited" });
    await redirector.close();
  });

  await t.test(`${backend}: a renewal that meets setPorts renews the ports that are set`, async (t) => {
    await using network = await makePodNetwork();
    const { redirector, session } = await openRedirector({
      backend,
      listenerPort4: 15001,
      upstreamMark: 7,
      commandPrefix: network.pod,
    });
    await redirector.setPorts([80]);
    const renewal = redirector.renew();
    t.equal(redirector.renew(), renewal, "a call while one is under way joins it");
    await Promise.all([
      redirector.setPorts([81]),
      redirector.renew(),
      redirector.setPorts([82]),
      redirector.renew(),
    ]);
    t.match(await session?.list(), /elements = \{ 82 timeout 4s expires [^,]*\}/);
    await redirector.close();
  });
}
